using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Pipeline;
using Facility.Server.Ports;

namespace Facility.Tests.Unit.Incidents;

/// <summary>Any journal, taken in any portions and with any ticks between them, gives the same incidents; the seed names a failure.</summary>
public sealed class ReplayProperty
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 5, 0, 0, TimeSpan.Zero);
    private static readonly SitesDocument Document = new(
    [
        new Site(
            "ratelaar", "Zuid", "Europe/Amsterdam", 250, [new Zone("hall", "Hal", 100)], [new Portal("main", "main-door", "outside", "hall")],
            [
                new Sensor("main-door", "d1", EventKinds.Passage), new Sensor("help", "d1", EventKinds.Button, "hall"), new Sensor("panel", "d1", EventKinds.Alarm),
                new Sensor("aed-door", "d1", EventKinds.Contact), new Sensor("back-door", "d1", EventKinds.Contact), new Sensor("aed-present", "d1", EventKinds.Present),
                new Sensor("aed-temp", "d1", EventKinds.Temperature),
            ],
            OpeningHours: OpeningHours.Days.ToDictionary(d => d, _ => (IReadOnlyList<string>)["09:00-17:00"]),
            Cabinets: [new Cabinet("aed", "hall", "aed-door", "aed-present", null, "aed-temp", 5, 40, new DateOnly(2026, 12, 26), new DateOnly(2026, 11, 25))],
            Rules: [new RuleSetting(AlertRule.DoorHeldOpen, When: "closed"), new RuleSetting(AlertRule.AedTemperature, DelaySeconds: 1200)]),
    ]);

    [Fact]
    public void A_journal_gives_the_same_incidents_in_any_portions_and_with_any_ticks()
    {
        var opened = new HashSet<string>();
        for (var seed = 0; seed < 60; seed++)
        {
            var journal = Journal(new Random(seed));
            var once = Follow(journal, new Random(seed), most: journal.Count, ticks: false);
            var bits = Follow(journal, new Random(seed + 1), most: 7, ticks: true);
            Assert.True(once.Select(Text).SequenceEqual(bits.Select(Text)), $"seed {seed}:\n{string.Join('\n', once.Select(Text).Except(bits.Select(Text)))}\n--\n{string.Join('\n', bits.Select(Text).Except(once.Select(Text)))}");
            opened.UnionWith(once.Select(i => i.Rule + i.State).Concat(once.SelectMany(i => i.Timeline, (i, line) => i.Rule + line.Code)));
        }

        // Not about nothing.
        Assert.Contains("assistanceresolved", opened);
        Assert.Contains("while-closedopen", opened);
        Assert.Contains("door-held-openresolved", opened);
        Assert.Contains("aed-temperatureresolved", opened);
        Assert.Contains("aed-expiredopen", opened);
        Assert.Contains("crowdedopen", opened);
        Assert.Contains("aed-takenacknowledged", opened);
        Assert.Contains("aed-takenlapsed", opened);
        Assert.Contains("aed-takenstill.aed-taken", opened);
        Assert.Contains("firestep-done", opened);
    }

    // Versions depend on what came between; all else does not. Within one moment the lines of a timeline have one order.
    private static string Text(Incident i) => System.Text.Json.JsonSerializer.Serialize(i with { IncidentVersion = 0 }, ApiJson.Default.Incident);

    private static List<Incident> Follow(List<JournalEntry> journal, Random random, int most, bool ticks)
    {
        var store = new Memory();
        var desk = new IncidentDesk(store, Ruling);
        var versions = new List<long>();
        desk.Changed += i => versions.Add(i.IncidentVersion);
        for (var at = 0; at < journal.Count;)
        {
            var portion = journal.Skip(at).Take(random.Next(1, most + 1)).ToArray();
            at += portion.Length;
            desk.Take(portion);
            if (ticks && random.Next(20) == 0)
            {
                // A kill: all that is not saved is forgotten.
                desk = new IncidentDesk(store, Ruling);
                desk.Changed += i => versions.Add(i.IncidentVersion);
            }

            for (var tick = portion[^1].Received; ticks && at < journal.Count && tick < journal[at].Received; tick += TimeSpan.FromSeconds(random.Next(1, 600)))
            {
                desk.Tick(tick);
            }
        }

        desk.Tick(journal[^1].Received.AddHours(12));
        Assert.Equal(Enumerable.Range(1, versions.Count).Select(n => (long)n), versions);
        return [.. store.Incidents.Values.OrderBy(i => i.Id, StringComparer.Ordinal)];

        SitePlans Ruling(long upTo) => journal.TakeWhile(e => e.Id <= upTo).Select(e => e.Fact).OfType<SitesRevised>().LastOrDefault() is { } revised
            ? new SitePlans(revised.Document) : SitePlans.Empty;
    }

    // What an administrator may change while things go on: a limit, the hours, a rule of a time, the door that nobody uses any more.
    private static SitesDocument Revision(Random random)
    {
        var site = Document.Sites[0];
        return new SitesDocument([random.Next(4) switch
        {
            0 => site,
            1 => site with { OpeningHours = OpeningHours.Days.ToDictionary(d => d, _ => (IReadOnlyList<string>)["07:00-23:00"]) },
            2 => site with { Rules = [new RuleSetting(AlertRule.AedTemperature, DelaySeconds: 60), new RuleSetting(AlertRule.Crowded, Zone: "hall", LapseMinutes: 5)] },
            _ => site with { Sensors = [.. site.Sensors.Where(s => s.Id != "back-door")], Cabinets = [site.Cabinets![0] with { MinCelsius = 3, PadsExpire = new DateOnly(2026, 11, 24) }] },
        }], Rules: random.Next(3) == 0 ? [new RuleSetting(AlertRule.AedExpired, On: false)] : null);
    }

    private static List<JournalEntry> Journal(Random random)
    {
        var journal = new List<JournalEntry> { new(1, Start, "", "", new SitesRevised(Document)) };
        var now = Start;
        string[] rules = [AlertRule.Assistance, AlertRule.Fire, AlertRule.AedTaken, AlertRule.WhileClosed];
        string[] acts = [PersonActed.Acknowledgement, PersonActed.Acknowledgement, PersonActed.Resolution, PersonActed.Remark, PersonActed.Tick];

        // Acts name incidents that there may be: a desk of its own tells which.
        var store = new Memory();
        var desk = new IncidentDesk(store, _ => new SitePlans(Document));
        for (var i = 2; i < 120; i++)
        {
            now += TimeSpan.FromSeconds(random.Next(4) == 0 ? random.Next(7200) : random.Next(120));
            var known = store.Incidents.Values.Where(x => rules.Contains(x.Rule)).OrderBy(x => x.Id, StringComparer.Ordinal).ToArray();
            JournalFact fact = random.Next(8) switch
            {
                0 => new ReachabilityChanged(random.Next(2) == 0),
                1 => new Observed(AlertRule.Crowded, "hall", "hall", random.Next(2) == 0, new Saying("people", "90", "100")),
                2 when known.Length > 0 => new PersonActed(
                    new Guid(i, 0, 0, new byte[8]), known[random.Next(known.Length)].Id, acts[random.Next(acts.Length)], random.Next(2) == 0 ? "Anna" : "Bram", "note", 1 + random.Next(3),
                    random.Next(2) == 0, true, new DateOnly(2030, 1, 1), new DateOnly(2030, 1, 1)),
                _ => new EventsJournaled(Guid.Empty, [.. Enumerable.Range(0, random.Next(1, 4)).Select(n => Event(random, now, n))]),
            };
            var entry = random.Next(15) == 0
                ? new JournalEntry(i, now, "", "", new SitesRevised(Revision(random), "Anna"))
                : new JournalEntry(i, now, "ratelaar", "d1", fact);
            journal.Add(entry);
            desk.Take([entry]);
        }

        return journal;
    }

    private static JournaledEvent Event(Random random, DateTimeOffset now, int n)
    {
        var (sensor, kind) = new[]
        {
            ("main-door", EventKinds.Passage), ("help", EventKinds.Button), ("panel", EventKinds.Alarm), ("aed-door", EventKinds.Contact),
            ("back-door", EventKinds.Contact), ("aed-present", EventKinds.Present), ("aed-temp", EventKinds.Temperature),
        }[random.Next(7)];
        var age = random.Next(10) == 0 ? random.Next(200_000) : random.Next(30);
        var value = kind == EventKinds.Temperature ? random.Next(2, 9) : kind == EventKinds.Passage ? 1 : random.Next(2);
        return new JournaledEvent(n + 1, now.AddSeconds(-age), random.Next(10) != 0, sensor, kind, value, SetAside.None);
    }

    private sealed class Memory : IIncidentStore
    {
        private (long Cursor, BookState Book) _place = (0, BookState.Empty);

        public SortedDictionary<string, Incident> Incidents { get; } = new(StringComparer.Ordinal);

        public (long Cursor, long Version, BookState Book, IReadOnlyList<Incident> Unresolved) Load() => (
            _place.Cursor, Incidents.Values.Select(i => i.IncidentVersion).DefaultIfEmpty(0).Max(), _place.Book, [.. Incidents.Values.Where(i => i.State != "resolved")]);

        public void Save(long cursor, BookState book, IReadOnlyCollection<Incident> changed, IReadOnlyCollection<SpanEdge> edges)
        {
            _place = (cursor, new BookState([.. book.Standing], [.. book.Dates]));
            foreach (var incident in changed)
            {
                Incidents[incident.Id] = incident;
            }
        }

        public void StartOver(DateTimeOffset since) => throw new NotSupportedException();

        public Incident? Find(string id) => Incidents.GetValueOrDefault(id);

        public IReadOnlyList<Incident> List(string? site, string? state, int max) => [.. Incidents.Values];

        public IReadOnlyList<ConditionSpan> Spans(string site, DateTimeOffset from, DateTimeOffset to) => [];
    }
}
