using Facility.Domain.Devices;

namespace Facility.Tests.Unit.Devices;

/// <summary>The code by which a device joins, and how often it may be guessed.</summary>
public sealed class ClaimTests
{
    private static readonly DateTimeOffset Noon = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DeviceClaim Made = new(ClaimCode.Hash("7K3M-PQ2X"), "ratelaar", "ratelaar-01", "Anna", Noon);

    [Theory]
    [InlineData("7K3M-PQ2X", "7K3M-PQ2X")]
    [InlineData("7k3m pq2x", "7K3M-PQ2X")]
    [InlineData(" 7k3mpq2x ", "7K3M-PQ2X")]
    [InlineData("OIL0-1111", "0110-1111")]
    [InlineData("7K3M-PQ2", null)]
    [InlineData("7K3M-PQ2XX", null)]
    [InlineData("7K3M-PQ2U", null)]
    [InlineData("7K3M/PQ2X", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void What_a_person_types_is_taken_for_what_was_meant(string? typed, string? meant) => Assert.Equal(meant, ClaimCode.Read(typed));

    [Fact]
    public void A_code_is_eight_characters_of_any_bytes_and_reads_as_itself()
    {
        for (var i = 0; i < 256; i++)
        {
            var code = ClaimCode.Of([(byte)i, 1, 2, 3, 4, 5, 255, (byte)~i]);
            Assert.Equal(code, ClaimCode.Read(code));
        }
    }

    [Theory]
    [InlineData(0, null, false, ClaimAnswer.Join)]
    [InlineData(599, null, false, ClaimAnswer.Join)]
    [InlineData(600, null, false, ClaimAnswer.Over)]
    [InlineData(60, null, true, ClaimAnswer.Over)]
    [InlineData(60, "mine", false, ClaimAnswer.SayAgain)]
    [InlineData(60, "another's", false, ClaimAnswer.Used)]
    [InlineData(600, "mine", false, ClaimAnswer.Over)]
    public void A_code_works_once_and_for_ten_minutes_and_its_answer_may_be_asked_again(int seconds, string? usedBy, bool withdrawn, ClaimAnswer answer)
    {
        var claim = Made with { UsedAt = usedBy is null ? null : Noon, UsedKey = usedBy, Withdrawn = withdrawn };
        Assert.Equal(answer, claim.Answer("mine", Noon.AddSeconds(seconds)));
    }

    [Fact]
    public void One_address_guesses_ten_times_a_minute_and_all_together_a_hundred()
    {
        var attempts = new Attempts();
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(attempts.Wait("a", Noon.AddSeconds(i)));
            attempts.Failed("a", Noon.AddSeconds(i));
        }

        Assert.Equal(TimeSpan.FromSeconds(50), attempts.Wait("a", Noon.AddSeconds(10)));
        Assert.Null(attempts.Wait("b", Noon.AddSeconds(10)));
        Assert.Null(attempts.Wait("a", Noon.AddSeconds(60)));
        for (var i = 0; i < 91; i++)
        {
            attempts.Failed($"address {i}", Noon.AddSeconds(11));
        }

        Assert.NotNull(attempts.Wait("never seen", Noon.AddSeconds(12)));
        Assert.Null(attempts.Wait("never seen", Noon.AddSeconds(71)));
    }
}
