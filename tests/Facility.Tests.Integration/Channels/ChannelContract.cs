using Facility.Domain.OnCall;
using Facility.Server.Ports;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Integration.Channels;

/// <summary>What a person was shown by a provider.</summary>
internal sealed record Shown(string Title, string Text, string? Link);

/// <summary>How the provider behind an address behaves.</summary>
public enum Provider
{
    Works,
    CannotNow,
    KnowsNoSuchPerson,
    Hangs,
    HangsHalfWay,
    DropsTheLine,
    IsAway,
}

/// <summary>What every channel must do, each against a real provider. A channel's own class starts one; the cases are here, once.</summary>
public abstract class ChannelContract : IAsyncLifetime
{
    private protected static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private protected FakeTimeProvider Time { get; } = new(Noon);

    private protected IChannel Channel { get; private set; } = null!;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts the provider; the channel runs on <see cref="Time"/>.</summary>
    private protected abstract Task<IChannel> OpenAsync();

    private protected abstract string Address(Provider provider);

    /// <summary>What must never be read in an answer: secrets of the address.</summary>
    private protected abstract IEnumerable<string> Secrets { get; }

    private protected abstract IReadOnlyList<string> BadAddresses { get; }

    private protected abstract Task<IReadOnlyList<Shown>> ShownAsync();

    /// <summary>How many tries the provider keeps waiting.</summary>
    private protected abstract Task<int> HangingAsync();

    public async ValueTask InitializeAsync() => Channel = await OpenAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task A_message_is_sent_and_says_what_it_says()
    {
        Assert.Null(Channel.Refusal(Address(Provider.Works)));
        var answer = await SendAsync(Provider.Works, "d-1");
        Assert.True(answer.Outcome == SendOutcome.Sent, answer.Detail);
        Assert.Equal([new Shown("AED weg in Galecop", "Ga naar de hal.", "https://facility.example/a/7f3b")], await ShownAsync());
    }

    [Fact]
    public async Task The_same_delivery_again_is_one_message_and_another_is_another()
    {
        await SendAsync(Provider.Works, "d-1");
        await SendAsync(Provider.Works, "d-1");
        await SendAsync(Provider.Works, "d-2");
        Assert.Equal(2, (await ShownAsync()).Count);
    }

    [Theory]
    [InlineData(Provider.CannotNow, SendOutcome.Failed)]
    [InlineData(Provider.DropsTheLine, SendOutcome.Failed)]
    [InlineData(Provider.IsAway, SendOutcome.Failed)]
    [InlineData(Provider.KnowsNoSuchPerson, SendOutcome.Refused)]
    public async Task A_provider_that_does_not_take_it_is_an_answer_with_its_words(Provider provider, SendOutcome outcome)
    {
        var answer = await SendAsync(provider, "d-1");
        Assert.Equal(outcome, answer.Outcome);
        Assert.NotEmpty(answer.Detail);
        Assert.InRange(answer.Detail.Length, 1, 2000);
        Assert.DoesNotContain(answer.Detail, char.IsControl);
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, answer.Detail, StringComparison.Ordinal));
        Assert.Empty(await ShownAsync());
    }

    [Theory]
    [InlineData(Provider.Hangs)]
    [InlineData(Provider.HangsHalfWay)]
    public async Task A_provider_that_hangs_is_given_up_after_ten_seconds(Provider provider)
    {
        var sending = SendAsync(provider, "d-1");
        await HangsAsync(sending);
        Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(sending.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(0.1));
        var answer = await sending;
        Assert.Equal(SendOutcome.Failed, answer.Outcome);
        Assert.Contains("10 s", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancellation_ends_it_and_is_no_answer()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var sending = Channel.SendAsync(Message(Address(Provider.Hangs), "d-1"), ending.Token);
        await HangsAsync(sending);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task A_bad_address_is_refused_with_what_is_allowed()
    {
        foreach (var address in BadAddresses)
        {
            var refusal = Channel.Refusal(address);
            Assert.False(string.IsNullOrEmpty(refusal), address);
            Assert.All(Secrets, secret => Assert.DoesNotContain(secret, refusal, StringComparison.Ordinal));
            var answer = await Channel.SendAsync(Message(address, "d-1"), Cancellation);
            Assert.Equal(new SendAnswer(SendOutcome.Refused, refusal), answer);
        }

        Assert.Empty(await ShownAsync());
    }

    [Theory]
    [InlineData("Hal\r\nBcc: x@example.org\r\n\r\nhallo", "één\r\n.\r\nQUIT\r\n")]
    [InlineData("\u202Eweg\u202C \u2066AED\u2069", "\u200F\u202E")]
    [InlineData("AED 🫀 in 𝄞 ☕", "👩‍🚒 \"<b>&'\\\t")]
    [InlineData("", "")]
    public async Task Text_of_any_kind_arrives_as_it_is(string title, string text)
    {
        var answer = await Channel.SendAsync(Message(Address(Provider.Works), "d-\r\n1") with { Title = title, Text = text }, Cancellation);
        Assert.True(answer.Outcome == SendOutcome.Sent, answer.Detail);
        var shown = Assert.Single(await ShownAsync());
        Assert.Equal((title, text), (shown.Title, shown.Text));
    }

    [Fact]
    public async Task Ten_thousand_characters_arrive_whole_or_cut_at_a_character_with_the_link()
    {
        var text = string.Concat(Enumerable.Repeat("☕𝄞a", 2500));
        var answer = await Channel.SendAsync(Message(Address(Provider.Works), "d-1") with { Text = text }, Cancellation);
        Assert.True(answer.Outcome == SendOutcome.Sent, answer.Detail);
        var shown = Assert.Single(await ShownAsync());
        Assert.NotNull(shown.Link);
        Assert.True(shown.Text == text || (shown.Text.EndsWith('…') && text.StartsWith(shown.Text[..^1], StringComparison.Ordinal)), shown.Text);
        Assert.InRange(shown.Text.Length, 500, text.Length);
        Assert.DoesNotContain('\uFFFD', shown.Text);
    }

    [Fact]
    public async Task Many_at_once_all_arrive()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => SendAsync(Provider.Works, $"d-{i}")));
        Assert.All(answers, a => Assert.True(a.Outcome == SendOutcome.Sent, a.Detail));
        Assert.Equal(100, (await ShownAsync()).Count);
    }

    private protected Task<SendAnswer> SendAsync(Provider provider, string id) => Channel.SendAsync(Message(Address(provider), id), Cancellation);

    private protected Message Message(string address, string id) => new(
        id, "i-1", "anna", Channel.Kind, address, "AED weg in Galecop", "Ga naar de hal.", new Uri("https://facility.example/a/7f3b"), true, "nl");

    private async Task HangsAsync(Task<SendAnswer> sending)
    {
        await Services.Until.TrueAsync("the provider has it", async () => sending.IsCompleted || await HangingAsync() > 0, TimeSpan.FromSeconds(30));
        Assert.False(sending.IsCompleted);
    }
}
