using System.Globalization;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;

namespace Facility.Tests.Unit.Incidents;

/// <summary>Each rule by a table: what is told at which second, and what the book decides. Times are seconds after ten on a Tuesday in November.</summary>
public sealed class RuleTables
{
    private static readonly DateTimeOffset Ten = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly Site Building = new(
        "ratelaar", "Zuid", "Europe/Amsterdam", 250, [new Zone("hall", "Hal", 100)], [new Portal("main", "main-door", "outside", "hall")],
        [
            new Sensor("main-door", "d1", EventKinds.Passage), new Sensor("pir", "d1", EventKinds.Presence, "hall"), new Sensor("help", "d1", EventKinds.Button, "hall"),
            new Sensor("panel", "d1", EventKinds.Alarm), new Sensor("aed-door", "d1", EventKinds.Contact), new Sensor("back-door", "d1", EventKinds.Contact, "hall"),
            new Sensor("aed-present", "d1", EventKinds.Present), new Sensor("aed-temp", "d1", EventKinds.Temperature), new Sensor("aed-tamper", "d1", EventKinds.Tamper),
        ],
        OpeningHours: OpeningHours.Days.ToDictionary(d => d, _ => (IReadOnlyList<string>)["09:00-17:00"]),
        Cabinets: [new Cabinet("aed", "hall", "aed-door", "aed-present", "aed-tamper", "aed-temp", PadsExpire: new DateOnly(2030, 1, 1), BatteryExpires: new DateOnly(2030, 1, 1), Model: "cold")]);

    private static readonly SitesDocument Document = new([Building], AedModels: [new AedModel("cold", -20, 40)]);

    /// <summary>Rule; its settings; what is told (second, sensor or word, value); what is decided (second: verdict).</summary>
    public static TheoryData<string, RuleSetting?, string, string> Rows => new()
    {
        { AlertRule.Assistance, null, "0 help 1; 5 help 0", "0 Open; 5 Over" },
        { AlertRule.Assistance, null, "0 help 1; 5 help 1", "0 Open; 5 Repeat" },
        { AlertRule.Assistance, new(AlertRule.Assistance, On: false), "0 help 1", "" },
        { AlertRule.Assistance, new(AlertRule.Assistance, Zone: "hall", On: false), "0 help 1", "" },
        { AlertRule.Assistance, new(AlertRule.Assistance, When: "closed"), "0 help 1", "" },
        { AlertRule.Fire, null, "0 panel 1", "0 Open" },
        { AlertRule.Fire, null, "0 panel 0", "" },
        { AlertRule.AedOpened, null, "0 aed-door 1; 9 aed-door 0", "0 Open; 9 Over" },
        { AlertRule.AedTaken, null, "0 aed-present 0; 60 aed-present 1", "0 Open; 60 Over" },
        { AlertRule.AedNotBack, null, "0 aed-present 0; 3599 aed-present 1", "" },
        { AlertRule.AedNotBack, null, "0 aed-present 0; 3601 tick 0", "3600 Open" },
        { AlertRule.AedNotBack, new(AlertRule.AedNotBack, DelaySeconds: 60), "0 aed-present 0; 61 aed-present 1", "60 Open; 61 Over" },
        { AlertRule.AedTemperature, null, "0 aed-temp -19; 900 tick 0", "" },
        { AlertRule.AedTemperature, null, "0 aed-temp -20.5; 599 aed-temp -18", "" },
        { AlertRule.AedTemperature, null, "0 aed-temp -20.5; 700 aed-temp -19.5; 701 aed-temp -18.9", "600 Open; 701 Over" },
        { AlertRule.AedTemperature, new(AlertRule.AedTemperature, Hysteresis: 5), "0 aed-temp 41; 700 aed-temp 36; 701 aed-temp 34.9", "600 Open; 701 Over" },
        { AlertRule.Tamper, null, "0 aed-tamper 1; 1 aed-tamper 0", "0 Open; 1 Over" },
        { AlertRule.DoorHeldOpen, null, "0 back-door 1; 299 back-door 0", "" },
        { AlertRule.DoorHeldOpen, null, "0 back-door 1; 301 back-door 0", "300 Open; 301 Over" },
        { AlertRule.DoorHeldOpen, new(AlertRule.DoorHeldOpen, DelaySeconds: 10), "0 back-door 1; 11 tick 0", "10 Open" },
        { AlertRule.DoorHeldOpen, new(AlertRule.DoorHeldOpen, When: "closed"), "0 back-door 1; 25199 tick 0; 25300 tick 0", "25200 Open" },
        { AlertRule.DoorHeldOpen, new(AlertRule.DoorHeldOpen, Hours: new Dictionary<string, IReadOnlyList<string>> { ["tue"] = ["12:00-13:00"] }), "0 back-door 1; 7100 back-door 0", "" },
        { AlertRule.DoorHeldOpen, new(AlertRule.DoorHeldOpen, Hours: new Dictionary<string, IReadOnlyList<string>> { ["tue"] = ["12:00-13:00"] }), "0 back-door 1; 90000 tick 0", "7200 Open" },
        { AlertRule.SensorFault, null, "0 fault 1; 59 fault 0", "" },
        { AlertRule.SensorFault, null, "0 fault 1; 61 fault 0", "60 Open; 61 Over" },
        { AlertRule.DeviceSilent, null, "0 silent 1; 9 silent 0", "0 Open; 9 Over" },
        { AlertRule.DeviceSilent, new(AlertRule.DeviceSilent, DelaySeconds: 10), "0 silent 1; 9 silent 0", "" },
        { AlertRule.WhileClosed, null, "0 main-door 1; 100 tick 0", "" },
        { AlertRule.WhileClosed, null, "26000 main-door 1; 26100 tick 0", "" },
        { AlertRule.WhileClosed, null, "28000 main-door 1; 28100 tick 0; 90000 tick 0", "28060 Open; 82800 Over" },
        { AlertRule.WhileClosed, null, "28000 pir 1; 28100 tick 0", "28060 Open" },
        { AlertRule.WhileClosed, null, "28000 pir 0; 28100 tick 0", "" },
        { AlertRule.WhileClosed, new(AlertRule.WhileClosed, Limit: 0, DelaySeconds: 0), "25300 main-door 1; 25301 tick 0", "25300 Open" },
        { AlertRule.AedExpiry, new(AlertRule.AedExpiry, Limit: 30), "95349599 tick 0; 96000000 tick 0; 98100000 tick 0", "95349600 Open; 95349600 Open; 98028000 Over; 98028000 Over" },
        { AlertRule.AedExpired, null, "98027999 tick 0; 98100000 tick 0", "98028000 Open; 98028000 Open" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_rule_decides_by_its_limits_delay_hysteresis_and_hours(string rule, RuleSetting? setting, string told, string decided)
    {
        var plan = new SitePlan(Building with { Rules = setting is null ? null : [setting] }, Document);
        var (book, made, entry) = (new AlertBook(BookState.Empty), new List<Decision>(), 0L);
        foreach (var (second, what, value) in told.Split("; ").Select(t => t.Split(' ')).Select(t => (int.Parse(t[0], CultureInfo.InvariantCulture), t[1], double.Parse(t[2], CultureInfo.InvariantCulture))))
        {
            var now = Ten.AddSeconds(second);
            made.AddRange(book.Tick(now, plan));
            JournalFact fact = what switch
            {
                "silent" => new ReachabilityChanged(value == 0),
                "tick" => new StreamGap(Guid.Empty, 1, 1),
                "fault" => One("pir", EventKinds.Fault),
                _ => One(what, plan.Sensor(what)!.Kind),
            };
            made.AddRange(book.Take(new JournalEntry(++entry, now, "ratelaar", "d1", fact), plan));
            made.AddRange(book.Tick(now, plan));

            EventsJournaled One(string sensor, string kind) => new(Guid.Empty, [new JournaledEvent(entry, now, true, sensor, kind, value, SetAside.None)]);
        }

        Assert.Equal(decided, string.Join("; ", made.Where(d => d.Condition.Rule == rule).Select(d => $"{(d.At - Ten).TotalSeconds:0} {d.Verdict}")));
    }

    /// <summary>Rule, the upper end of the building's hall or whole, whether the condition stood, and what it becomes.</summary>
    [Theory]
    [InlineData(AlertRule.Crowded, "hall", 80, false, false)]
    [InlineData(AlertRule.Crowded, "hall", 81, false, true)]
    [InlineData(AlertRule.Crowded, "hall", 75, true, true)]
    [InlineData(AlertRule.Crowded, "hall", 74, true, false)]
    [InlineData(AlertRule.OverCapacity, "hall", 100, false, false)]
    [InlineData(AlertRule.OverCapacity, "hall", 101, false, true)]
    [InlineData(AlertRule.OverCapacity, "hall", 94, true, false)]
    [InlineData(AlertRule.OverNotice, "site", 200, false, false)]
    [InlineData(AlertRule.OverNotice, "site", 201, false, true)]
    [InlineData(AlertRule.OverNotice, "site", 189, true, false)]
    public void People_over_a_limit_are_seen_by_the_upper_end_with_a_hysteresis(string rule, string zone, int high, bool stood, bool stands)
    {
        var plan = new SitePlan(Building with { NoticeOfUse = 200 });
        var seen = new SiteOccupancy("ratelaar", Ten, 1, [new ZoneOccupancy(zone, high, 0, high, zone == "site" ? 250 : 100, true, false)]);
        var told = Watch.People(plan, seen, (r, _) => stood && r == rule ? Standing(rule, zone) : null, Ten).Where(o => o.Rule == rule).ToArray();
        Assert.Equal(stood == stands ? [] : [stands], told.Select(o => o.Stands));
        Assert.DoesNotContain(
            Watch.People(plan, seen with { Zones = [seen.Zones[0] with { Stale = true, High = 1 }] }, (r, _) => r == rule ? Standing(rule, zone) : null, Ten),
            o => o.Rule == rule);
    }

    [Theory]
    [InlineData(16 * 60, true, false)]
    [InlineData(17 * 60 + 14, true, false)]
    [InlineData(17 * 60 + 16, true, true)]
    [InlineData(17 * 60 + 16, false, false)]
    [InlineData(17 * 60 + 31, true, false)]
    public void People_inside_at_closing_are_seen_for_a_quarter_of_an_hour(int localMinute, bool inside, bool told)
    {
        var seen = new SiteOccupancy("ratelaar", Ten, 1, [new ZoneOccupancy("hall", 3, 0, 4, 100, inside, false)]);
        var now = Ten.AddMinutes(localMinute - 600);
        Assert.Equal(told, Watch.People(new SitePlan(Building), seen, (_, _) => null, now).Any(o => o is { Rule: AlertRule.AtClosing, Stands: true }));
    }

    [Fact]
    public void The_servers_own_trouble_begins_over_its_limits_and_ends_within_them()
    {
        var server = new SitePlans(Document).Server;
        string Seen(bool broker, double? disk, double behind, string standing) => string.Join(' ', Watch.Server(
            server, new ServerState(broker, disk, new Dictionary<string, double> { ["series"] = behind }),
            (rule, cause) => standing.Contains(rule, StringComparison.Ordinal) ? Standing(rule, cause) : null).Select(o => $"{o.Rule}:{o.Cause}:{o.Stands}"));
        Assert.Equal("", Seen(true, 50, 3, ""));
        Assert.Equal("", Seen(true, null, 60, ""));
        Assert.Equal("server-broker:broker:True server-disk:disk:True server-lag:series:True", Seen(false, 4.9, 61, ""));
        Assert.Equal("", Seen(false, 6.5, 31, "server-broker server-disk server-lag"));
        Assert.Equal("server-broker:broker:False server-disk:disk:False server-lag:series:False", Seen(true, 7.1, 29, "server-broker server-disk server-lag"));
    }

    [Fact]
    public void An_aed_is_ready_for_the_minutes_that_nothing_speaks_against_and_each_other_minute_has_one_cause()
    {
        var plan = new SitePlan(Building, Document);
        ConditionSpan Span(string rule, string cause, int began, int? ended) => new(rule, cause, Ten.AddMinutes(began), ended is { } e ? Ten.AddMinutes(e) : null);
        var row = Readiness.Of(plan, Building.Cabinets![0],
        [
            Span(CabinetRules.Known, "aed", 10, null), Span(AlertRule.AedTaken, "aed", 20, 30), Span(CabinetRules.Unchecked, "aed", 20, 40),
            Span(AlertRule.AedTemperature, "aed", 25, 45), Span(AlertRule.DeviceSilent, "d1", 50, 60), Span(AlertRule.Tamper, "aed-tamper", 70, 75),
            Span(AlertRule.AedExpired, "aed-pads", 90, null), Span(AlertRule.AedTaken, "other", 0, null),
        ], Ten, Ten.AddMinutes(100));
        Assert.Equal(new ReadinessRow("aed", 100, 40, 10, 10, 15, 5, 0, 20), row);
    }

    [Fact]
    public void Every_rule_and_every_saying_is_in_plain_Dutch_and_English()
    {
        Assert.Equal(typeof(AlertRule).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetValue(null)!).Order(), AlertRule.All.Keys.Order());
        Assert.Equal(Playbooks.All.Keys.Order(), AlertRule.All.Keys.Order());
        foreach (var book in Playbooks.All.Values)
        {
            Assert.True(book.StepsNl.Count >= 2 && book.StepsNl.Count == book.StepsEn.Count, book.Rule);
            Assert.All([book.NameNl, book.NameEn, .. book.StepsNl, .. book.StepsEn], text => Assert.False(string.IsNullOrWhiteSpace(text)));

            // Short sentences: B1.
            Assert.All(book.StepsNl.SelectMany(s => s.Split(['.', '?', ':'])), sentence => Assert.True(sentence.Split(' ').Length <= 16, sentence));
        }

        foreach (var (code, (nl, en)) in Sayings.All)
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.True(nl.Contains($"{{{i}}}", StringComparison.Ordinal) == en.Contains($"{{{i}}}", StringComparison.Ordinal), code);
            }
        }

        Assert.Equal("AED uit de kast gehaald; begon 7 dagen geleden en is er nog", Sayings.Text("still.aed-taken", ["10080"], "nl"));
        Assert.Equal("over: 4.0 degrees in the AED cabinet", Sayings.Text("over.aed-temperature", ["4.0"], "en"));
    }

    private static Condition Standing(string rule, string cause) => new("ratelaar", null, rule, cause, Ten, Ten, true, 1, new Saying(rule), Told: true);
}
