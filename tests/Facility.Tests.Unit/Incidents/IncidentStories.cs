using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;

namespace Facility.Tests.Unit.Incidents;

/// <summary>Stories of one building, on a clock of their own and the real store.</summary>
public sealed class IncidentStories : IDisposable
{
    private static readonly SitePlan Plan = new(new Site(
        "ratelaar", "Zuid", "Europe/Amsterdam", 250, [new Zone("hall", "Hal", 100)], [new Portal("main", "main-door", "outside", "hall")],
        [
            new Sensor("main-door", "d1", EventKinds.Passage), new Sensor("help", "d1", EventKinds.Button, "hall"),
            new Sensor("panel", "d1", EventKinds.Alarm), new Sensor("aed-door", "d1", EventKinds.Contact),
            new Sensor("aed-present", "d1", EventKinds.Present), new Sensor("back-door", "d1", EventKinds.Contact), new Sensor("aed-temp", "d1", EventKinds.Temperature),
        ],
        OpeningHours: OpeningHours.Days.ToDictionary(d => d, _ => (IReadOnlyList<string>)["09:00-17:00"]),
        Cabinets: [new Cabinet("aed", "hall", "aed-door", "aed-present", null, "aed-temp", 5, 40, new DateOnly(2030, 1, 1), new DateOnly(2030, 1, 1))]));

    private static readonly SitesDocument Document = new([Plan.Site]);
    private readonly List<JournalEntry> _journal = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-incidents");
    private readonly List<Incident> _pushed = [];
    private SqliteIncidentStore _store;
    private IncidentDesk _desk;
    private DateTimeOffset _now = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);

    public IncidentStories()
    {
        (_store, _desk) = Open();
        Take(new SitesRevised(Document));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_pressed_button_is_one_incident_however_often_it_is_pressed_and_releasing_does_not_end_it()
    {
        Tell("help", EventKinds.Button, 1);
        Tell("help", EventKinds.Button, 0);
        Tell("help", EventKinds.Button, 1);
        var incident = Single(AlertRule.Assistance);
        Assert.Equal(("open", "urgent", "hall"), (incident.State, incident.Severity, incident.Zone));
        Assert.Equal(3, incident.Timeline.Count);
    }

    [Fact]
    public void Who_acknowledges_second_is_told_who_was_first_and_an_acknowledgement_lapses()
    {
        Tell("help", EventKinds.Button, 1);
        var id = Single(AlertRule.Assistance).Id;
        Assert.Equal("Anna", Do(new PersonActed(Guid.NewGuid(), id, PersonActed.Acknowledgement, "Anna", "on my way")).Next!.AcknowledgedBy);
        Assert.Contains("Anna was first", Do(new PersonActed(Guid.NewGuid(), id, PersonActed.Acknowledgement, "Bram")).Refusal, StringComparison.Ordinal);
        Pass(TimeSpan.FromMinutes(31));
        Assert.Equal(("open", null), (Single(AlertRule.Assistance).State, Single(AlertRule.Assistance).AcknowledgedBy));
    }

    [Fact]
    public void A_device_that_goes_silent_does_not_clear_its_alarm_and_its_own_incident_ends_when_it_is_heard()
    {
        Tell("panel", EventKinds.Alarm, 1);
        Take(new ReachabilityChanged(false));
        Assert.Equal("open", Single(AlertRule.DeviceSilent).State);
        Assert.Equal("open", Single(AlertRule.Fire).State);
        Take(new ReachabilityChanged(true));
        Assert.Equal("resolved", Single(AlertRule.DeviceSilent).State);
        Assert.Equal("open", Single(AlertRule.Fire).State);
    }

    [Fact]
    public void A_taken_aed_is_resolved_only_when_it_is_back_checked_and_its_new_dates_are_entered()
    {
        Tell("aed-present", EventKinds.Present, 0);
        var id = Single(AlertRule.AedTaken).Id;
        var whole = new IncidentAct("ok", "Anna", true, new DateOnly(2028, 1, 1), new DateOnly(2030, 1, 1));
        Assert.Contains("not back", Resolve(id, whole).Refusal, StringComparison.Ordinal);
        Tell("aed-present", EventKinds.Present, 1);
        Assert.Contains("checked", Resolve(id, new IncidentAct("ok", "Anna")).Refusal, StringComparison.Ordinal);
        Assert.Equal("resolved", Resolve(id, whole).Next!.State);
    }

    [Fact]
    public void Temperature_has_a_delay_and_a_hysteresis()
    {
        Tell("aed-temp", EventKinds.Temperature, 4);
        Assert.Empty(Listed(AlertRule.AedTemperature));
        Pass(TimeSpan.FromMinutes(11));
        Tell("aed-temp", EventKinds.Temperature, 5.5);
        Assert.Equal("open", Single(AlertRule.AedTemperature).State);
        Tell("aed-temp", EventKinds.Temperature, 6.5);
        Assert.Equal("resolved", Single(AlertRule.AedTemperature).State);
    }

    [Fact]
    public void A_full_room_counts_by_the_upper_end_and_for_a_time()
    {
        Show(high: 85);
        Pass(TimeSpan.Zero);
        Assert.Empty(Listed(AlertRule.Crowded));
        Pass(TimeSpan.FromMinutes(3));
        Assert.Equal("open", Single(AlertRule.Crowded).State);
        Show(high: 20, stale: true);
        Show(high: 78);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal("open", Single(AlertRule.Crowded).State);
        Show(high: 70);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal("resolved", Single(AlertRule.Crowded).State);
    }

    [Fact]
    public void Someone_at_night_is_an_incident_and_staff_before_opening_are_not()
    {
        _now = new DateTimeOffset(2026, 11, 24, 7, 45, 0, TimeSpan.Zero);
        Tell("main-door", EventKinds.Passage, 1);
        Pass(TimeSpan.FromMinutes(2));
        Assert.Empty(Listed(AlertRule.WhileClosed));
        _now = new DateTimeOffset(2026, 11, 24, 22, 0, 0, TimeSpan.Zero);
        Tell("main-door", EventKinds.Passage, 1);
        Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("urgent", Single(AlertRule.WhileClosed).Severity);
    }

    [Fact]
    public void Old_news_is_history_when_it_is_over_and_an_incident_with_its_age_when_it_still_stands()
    {
        var week = _now - TimeSpan.FromDays(7);
        Take(Events(("aed-door", EventKinds.Contact, 1, week, true), ("aed-door", EventKinds.Contact, 0, week.AddMinutes(1), true),
            ("aed-present", EventKinds.Present, 0, week, true)));
        Pass(TimeSpan.FromSeconds(11));
        Assert.Equal("resolved", Single(AlertRule.AedOpened).State);
        Assert.Contains("7 days ago", Single(AlertRule.AedTaken).Timeline[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_news_of_an_uncertain_time_or_a_button_of_today_is_an_incident_all_the_same()
    {
        var earlier = _now - TimeSpan.FromHours(20);
        Take(Events(("help", EventKinds.Button, 1, earlier, true), ("help", EventKinds.Button, 0, earlier.AddSeconds(2), true),
            ("panel", EventKinds.Alarm, 1, earlier, false), ("panel", EventKinds.Alarm, 0, earlier.AddSeconds(2), false)));
        Assert.Equal("open", Single(AlertRule.Assistance).State);
        Assert.Equal("open", Single(AlertRule.Fire).State);
    }

    [Fact]
    public void After_a_kill_the_same_incidents_stand_none_is_opened_twice_and_versions_go_on_without_holes()
    {
        Tell("help", EventKinds.Button, 1);
        var pressed = _now;
        Tell("aed-temp", EventKinds.Temperature, 2);
        _store.Dispose();
        (_store, _desk) = Open();
        Assert.Equal(_journal.Count, _desk.Cursor);
        Take(Events(("help", EventKinds.Button, 1, pressed, true)));
        Pass(TimeSpan.FromMinutes(11));
        Assert.Equal("open", Single(AlertRule.Assistance).State);
        Assert.Equal("open", Single(AlertRule.AedTemperature).State);
        Assert.Equal(Enumerable.Range(1, _pushed.Count).Select(n => (long)n), _pushed.Select(i => i.IncidentVersion));
    }

    [Fact]
    public void Who_was_where_is_frozen_once_and_an_evacuation_is_told_by_a_person()
    {
        Take(new Observed(AlertRule.Evacuation, "site", null, true, new Saying("evacuation"), "Anna"));
        var id = Single(AlertRule.Evacuation).Id;
        Take(new ZonesFrozen(id, [new ZoneOccupancy("hall", 12, 10, 15, 100, true, false)]));
        Take(new ZonesFrozen(id, [new ZoneOccupancy("hall", 0, 0, 0, 100, false, false)]));
        var incident = Single(AlertRule.Evacuation);
        Assert.Equal(("Anna", 10, 15), (incident.Timeline[0].Who, incident.WhoWasWhere!.Single().Low, incident.WhoWasWhere!.Single().High));
        Do(new PersonActed(Guid.NewGuid(), id, PersonActed.Resolution, "Anna"));
        _now += TimeSpan.FromHours(1);
        Take(new Observed(AlertRule.Evacuation, "site", null, true, new Saying("evacuation"), "Bram"));
        Assert.Equal(2, Listed(AlertRule.Evacuation).Count());
    }

    [Fact]
    public void A_step_of_the_playbook_is_ticked_by_one_and_seen_by_all_and_can_be_unticked()
    {
        Tell("help", EventKinds.Button, 1);
        var id = Single(AlertRule.Assistance).Id;
        Assert.Null(Do(new PersonActed(Guid.NewGuid(), id, PersonActed.Tick, "Anna", Step: 2, Done: true)).Refusal);
        var version = Single(AlertRule.Assistance).IncidentVersion;
        Assert.Equal((2, "Anna"), (Single(AlertRule.Assistance).Ticks!.Single().Step, Single(AlertRule.Assistance).Ticks!.Single().Who));
        Do(new PersonActed(Guid.NewGuid(), id, PersonActed.Tick, "Bram", Step: 2, Done: true));
        Assert.Equal(version, Single(AlertRule.Assistance).IncidentVersion);
        Assert.Contains("steps 1 to 4", Do(new PersonActed(Guid.NewGuid(), id, PersonActed.Tick, "Anna", Step: 5, Done: true)).Refusal, StringComparison.Ordinal);
        Do(new PersonActed(Guid.NewGuid(), id, PersonActed.Tick, "Anna", Step: 2));
        Assert.Empty(Single(AlertRule.Assistance).Ticks!);
    }

    [Fact]
    public void A_button_pressed_again_after_its_incident_was_resolved_is_another_incident()
    {
        Tell("help", EventKinds.Button, 1);
        Assert.Null(Do(new PersonActed(Guid.NewGuid(), Single(AlertRule.Assistance).Id, PersonActed.Resolution, "Anna")).Refusal);
        _now += TimeSpan.FromMinutes(1);
        Tell("help", EventKinds.Button, 1);
        Assert.Equal(2, Listed(AlertRule.Assistance).Count());
    }

    [Fact]
    public void Dates_entered_at_a_cabinet_rule_until_the_sites_file_says_others()
    {
        _now = new DateTimeOffset(2029, 12, 20, 12, 0, 0, TimeSpan.Zero);
        Pass(TimeSpan.Zero);
        Assert.Equal(2, Listed(AlertRule.AedExpiry).Count(i => i.State == "open"));
        Take(new CabinetChecked("aed", "Anna", new DateOnly(2032, 1, 1), null, null));
        Assert.Equal("aed-battery", Assert.Single(Listed(AlertRule.AedExpiry), i => i.State == "open").Cause);
        Take(new SitesRevised(Document with { Sites = [Plan.Site with { Cabinets = [Plan.Site.Cabinets![0] with { PadsExpire = new DateOnly(2029, 12, 1) }] }] }));
        Assert.Equal("aed-pads", Single(AlertRule.AedExpired).Cause);
    }

    [Fact]
    public void What_people_did_is_the_same_when_the_incidents_are_lost_and_the_journal_is_taken_again()
    {
        Tell("help", EventKinds.Button, 1);
        Do(Act(PersonActed.Acknowledgement, "Anna", "on my way"));
        _now += TimeSpan.FromMinutes(45);
        Do(Act(PersonActed.Acknowledgement, "Bram"));
        Do(Act(PersonActed.Remark, "Bram", "it was a child"));
        var before = System.Text.Json.JsonSerializer.Serialize(Single(AlertRule.Assistance), ApiJson.Default.Incident);
        Assert.Contains("lapsed", before, StringComparison.Ordinal);
        _desk.StartOver(DateTimeOffset.MinValue);
        Assert.Empty(Listed(AlertRule.Assistance));
        _desk.Take(_journal);
        Assert.Equal(before, System.Text.Json.JsonSerializer.Serialize(Single(AlertRule.Assistance), ApiJson.Default.Incident));

        PersonActed Act(string act, string who, string? note = null) => new(Guid.NewGuid(), Single(AlertRule.Assistance).Id, act, who, note);
    }

    private (SqliteIncidentStore, IncidentDesk) Open()
    {
        var store = new SqliteIncidentStore(Path.Combine(_folder.FullName, "incidents.db"));
        var desk = new IncidentDesk(store, upTo => upTo == 0 ? SitePlans.Empty : new SitePlans(_journal.Select(e => e.Fact).OfType<SitesRevised>().Last().Document));
        desk.Changed += _pushed.Add;
        return (store, desk);
    }

    private (Incident? Next, string? Refusal) Resolve(string id, IncidentAct act) => Do(new PersonActed(
        Guid.NewGuid(), id, PersonActed.Resolution, "Anna", act.Note, Checked: act.Checked, PadsExpire: act.PadsExpire, BatteryExpires: act.BatteryExpires));

    private (Incident? Next, string? Refusal) Do(PersonActed act)
    {
        var taken = _desk.Expect(act.Id);
        Take(act);
        Assert.True(taken.IsCompleted);
        return taken.GetAwaiter().GetResult();
    }

    private void Show(int high, bool stale = false)
    {
        var seen = new SiteOccupancy("ratelaar", _now, 1, [new ZoneOccupancy("hall", high - 5, high - 10, high, 100, true, stale)]);
        foreach (var fact in Watch.People(Plan, seen, (rule, cause) => _desk.Find("ratelaar", rule, cause), _now).ToArray())
        {
            Take(fact);
        }
    }

    private void Tell(string sensor, string kind, double value) => Take(Events((sensor, kind, value, _now, true)));

    private void Take(JournalFact fact)
    {
        _journal.Add(new JournalEntry(_journal.Count + 1, _now, fact is SitesRevised ? "" : "ratelaar", "d1", fact));
        _desk.Take([_journal[^1]]);
    }

    private void Pass(TimeSpan time) => _desk.Tick(_now += time);

    private Incident Single(string rule) => Assert.Single(Listed(rule));

    private IEnumerable<Incident> Listed(string rule) => _store.List(null, null, 100).Where(i => i.Rule == rule);

    private static EventsJournaled Events(params (string Sensor, string Kind, double Value, DateTimeOffset At, bool Certain)[] events) =>
        new(Guid.Empty, [.. events.Select((e, n) => new JournaledEvent(n + 1, e.At, e.Certain, e.Sensor, e.Kind, e.Value, SetAside.None))]);
}
