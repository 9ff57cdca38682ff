using Facility.Domain.OnCall;
using Facility.Server.OnCall;
using Facility.Server.Ports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.OnCall;

public sealed class OnCallFileTests : IDisposable
{
    private const string Right = """
        {"people":[{"id":"anna","name":"Anna","channels":[{"kind":"ntfy","address":"https://ntfy.example.org/anna"}]}],
         "rosters":[{"id":"piket","name":"Piket","rotations":[{"from":"2026-01-05","people":["anna"]}]}],
         "policies":[{"severity":"urgent","steps":[{"notify":["roster:piket"]}]},{"severity":"normal","steps":[{"notify":["person:anna"]}]}]}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-on-call");

    private string Path => System.IO.Path.Combine(_folder.FullName, "on-call.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("{", "not JSON at line 1")]
    [InlineData("{}", "people is required")]
    [InlineData("replace \"anna\"] by \"zoe\"]", "zoe is not one of anna")]
    [InlineData("replace roster:piket by roster:other", "roster: with one of piket")]
    [InlineData("replace person:anna by anna", "anna is not everybody, person: with one of anna")]
    [InlineData("replace \"ntfy\" by \"fax\"", "one of email, push, ntfy, webhook, mqtt")]
    [InlineData("replace \"ntfy\" by \"email\"", "email is not a channel of this server; there are ntfy")]
    [InlineData("replace https://ntfy.example.org/anna by nowhere", "nowhere is no URL")]
    [InlineData("replace 2026-01-05 by 2026-13-05", "of the pattern")]
    [InlineData("replace \"from\" by \"days\":0,\"from\"", "1 to 366 is")]
    [InlineData("replace \"from\" by \"handOver\":\"9:00\",\"from\"", "give HH:MM")]
    [InlineData("replace {\"people\" by {\"timeZone\":\"Mars\",\"people\"", "IANA name such as Europe/Amsterdam")]
    [InlineData("replace {\"people\" by {\"drill\":\"someday 10:00\",\"people\"", "such as monday 10:00")]
    [InlineData("replace {\"people\" by {\"quietHours\":\"night\",\"people\"", "HH:MM-HH:MM")]
    [InlineData("replace \"severity\":\"normal\" by \"severity\":\"urgent\"", "none is of normal incidents of all sites")]
    public void A_wrong_file_says_where_what_and_what_is_allowed(string change, string says)
    {
        var parts = change.Split(" by ");
        File.WriteAllText(Path, parts.Length == 2 ? Right.Replace(parts[0]["replace ".Length..], parts[1], StringComparison.Ordinal) : change);
        Assert.Contains(says, Assert.Throws<OnCallFileException>(() => NewFile().Load(Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_rules_within_ten_seconds_and_a_wrong_one_does_not()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        File.WriteAllText(Path, Right);
        var rules = new OnCallRules(NewFile(), Path, time, NullLogger<OnCallRules>.Instance);
        rules.Start();
        Assert.Equal("Anna", rules.Current!.Find("anna")!.Name);

        Write(Right.Replace("\"Anna\"", "\"Anna B.\"", StringComparison.Ordinal), 1);
        Assert.Equal("Anna", rules.Current!.Find("anna")!.Name);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("Anna B.", rules.Current!.Find("anna")!.Name);

        Write("{", 2);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("Anna B.", rules.Current!.Find("anna")!.Name);
    }

    [Fact]
    public void Without_a_file_nobody_is_called()
    {
        var rules = new OnCallRules(NewFile(), Path, new FakeTimeProvider(), NullLogger<OnCallRules>.Instance);
        rules.Start();
        Assert.Null(rules.Current);
    }

    [Theory]
    [InlineData("2026-11-24T12:00:00Z", 15, "2026-11-24T12:15:00Z")]
    [InlineData("2026-11-24T20:50:00Z", 15, "2026-11-25T06:00:00Z")]
    [InlineData("2026-11-25T03:00:00Z", 0, "2026-11-25T06:00:00Z")]
    [InlineData("2026-11-25T06:00:00Z", 0, "2026-11-25T06:00:00Z")]
    [InlineData("2026-03-28T22:00:00Z", 0, "2026-03-29T05:00:00Z")]
    public void Quiet_hours_end_in_the_morning_also_when_the_clock_changes(string now, int bundle, string told)
    {
        File.WriteAllText(Path, Right.Replace("{\"people\"", "{\"quietHours\":\"22:00-07:00\",\"people\"", StringComparison.Ordinal));
        Assert.Equal(DateTimeOffset.Parse(told, null), new Escalation(NewFile().Load(Path).Document).Bundled(DateTimeOffset.Parse(now, null), bundle));
    }

    private void Write(string json, int seconds)
    {
        File.WriteAllText(Path, json);
        File.SetLastWriteTimeUtc(Path, DateTime.UtcNow.AddSeconds(seconds));
    }

    private static OnCallFile NewFile() => new([new Ntfy()]);

    private sealed class Ntfy : IChannel
    {
        public string Kind => "ntfy";

        public string? Refusal(string address) => Uri.TryCreate(address, UriKind.Absolute, out _) ? null : $"{address} is no URL";

        public Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
