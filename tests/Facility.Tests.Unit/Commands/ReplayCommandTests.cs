using Facility.Server.Commands;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Commands;

public sealed class ReplayCommandTests
{
    private const string Stream = "7f3b1c52-9a5e-4c0a-8a39-0c6f6b1f0c11";

    [Theory]
    [InlineData("live", "3,2,5")]
    [InlineData("reconciled", "3,3,3")]
    public void A_recording_gives_a_row_for_each_zone_and_minute(string basis, string expected)
    {
        var (code, rows, errors) = Replay(basis, Line(1, "09:00:05", 3), Line(1, "09:00:05", 3), Line(2, "09:02:10", -1), Line(3, "09:03:00", -2));
        Assert.Equal(0, code);
        Assert.Equal("at,site,zone,estimate,low,high", rows[0]);
        Assert.Equal("2026-11-24T09:01:00.000Z,ratelaar,site," + expected, rows.First(r => r.Contains("09:01:00", StringComparison.Ordinal) && r.Contains("ratelaar,site", StringComparison.Ordinal)));
        Assert.Equal(3 * 5 * 8, rows.Length - 1);
        Assert.Contains("1 duplicate events dropped", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "line 1: not JSON")]
    [InlineData("""{"site":"\ud800","device":"x"}""", "line 1: a text is half a surrogate pair")]
    [InlineData("""{"site":"ratelaar","zone":"hall","people":1,"at":"9999-12-31T23:59:59Z"}""", "1970 to 2200 is allowed")]
    [InlineData("""{"site":"atlantis","device":"x"}""", "line 1: site \"atlantis\" is not in the sites file")]
    [InlineData("""{"site":"ratelaar","zone":"hall","people":-1,"at":"2026-11-24T09:00:00Z"}""", "people is not a whole number")]
    public void A_bad_line_is_named(string line, string message)
    {
        var (code, _, errors) = Replay("live", line);
        Assert.Equal(2, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_batch_fits_though_the_recording_adds_to_it()
    {
        var line = Line(1, "09:00:05", 3).Trim();
        var (code, rows, errors) = Replay("live", line[..^1] + $",\"note\":\"{new string('x', 64 * 1024)}\"}}", Line(2, "09:01:05", 3));
        Assert.True(code == 0, errors);
        Assert.NotEqual([], rows);
    }

    [Theory]
    [InlineData("live", "0001-01-01")]
    [InlineData("live", "9999-12-31")]
    [InlineData("reconciled", "0001-01-01")]
    [InlineData("reconciled", "9999-12-31")]
    public void A_clock_that_says_an_impossible_year_counts_by_its_receipt(string basis, string day)
    {
        var wrong = Line(1, "09:00:05", 3).Replace("\"at\":\"2026-11-24", $"\"at\":\"{day}", StringComparison.Ordinal);
        Assert.Equal(Replay(basis, Line(1, "09:00:05", 3), Line(2, "09:02:10", -1)).Rows, Replay(basis, wrong, Line(2, "09:02:10", -1)).Rows);
    }

    [Fact]
    public void A_device_that_is_back_after_24_hours_gives_the_day_it_would_have_given_in_time()
    {
        (string At, int Persons)[] passages = [("09:10:00", 3), ("09:40:00", 4), ("11:00:00", -2), ("12:30:00", 6), ("15:00:00", -5), ("16:10:00", -5)];
        string[] Day(bool late) =>
        [
            Line(1, "09:00:05", 1),
            .. passages.Select((p, i) => Received(Line(i + 2, p.At, p.Persons), late ? "2026-11-25T17:00:00Z" : $"2026-11-24T{p.At}Z")),
            Received(Line(8, "16:30:00", -1), "2026-11-25T17:00:00Z"),
        ];
        var (inTime, late) = (Replay("reconciled", Day(late: false)).Rows, Replay("reconciled", Day(late: true)).Rows);
        Assert.Contains(inTime, r => r.StartsWith("2026-11-24T13:00:00.000Z,ratelaar,site,1", StringComparison.Ordinal));
        Assert.Equal(inTime, late);

        static string Received(string line, string at) => line.Trim()[..^1] + $",\"received\":\"{at}\"}}";
    }

    [Fact]
    public void A_persons_count_in_a_recording_nearly_settles_the_zone()
    {
        var (code, rows, errors) = Replay("live", Line(1, "09:00:05", 3), """{"site":"ratelaar","zone":"hall","people":37,"at":"2026-11-24T09:01:30Z"}""", Line(2, "09:02:10", -1));
        Assert.True(code == 0, errors);
        var hall = rows.Single(r => r.StartsWith("2026-11-24T09:02:00.000Z,ratelaar,hall,", StringComparison.Ordinal)).Split(',')[3..].Select(int.Parse).ToArray();
        Assert.True(hall[0] is >= 36 and <= 38 && hall[1] >= 34 && hall[2] <= 40, string.Join(' ', hall));
    }

    private static string Line(int seq, string at, int persons) => $$"""
        {"site":"ratelaar","device":"ratelaar-01","v":1,"stream":"{{Stream}}","oldest":1,"sentAt":"2026-11-24T{{at}}Z","clockSynced":true,"events":[{"seq":{{seq}},"at":"2026-11-24T{{at}}Z","sensor":"main-door","kind":"passage","value":{{persons}}}]}
        """;

    private static (int Code, string[] Rows, string Errors) Replay(string basis, params string[] lines)
    {
        var folder = Directory.CreateTempSubdirectory("facility-replay");
        var (events, output) = (Path.Combine(folder.FullName, "events.jsonl"), Path.Combine(folder.FullName, "out.csv"));
        File.WriteAllLines(events, lines);
        var errors = new StringWriter();
        var code = ReplayCommand.Run(Seeds.SitesPath, events, "60s", basis, output, errors);
        var rows = File.ReadAllLines(output);
        folder.Delete(recursive: true);
        return (code, rows, errors.ToString());
    }
}
