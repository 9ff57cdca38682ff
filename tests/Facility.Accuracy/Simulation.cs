using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Occupancy;

namespace Facility.Accuracy;

/// <summary>Errors of a door's sensor in one direction, as probabilities for each person.</summary>
internal readonly record struct SensorErrors(double Missed, double Twice, double WrongWay);

/// <summary>How badly doors count: each draws its share of persons missed from this range, and other errors in proportion.</summary>
internal sealed record Doors(string Name, double Least, double Most)
{
    public static readonly Doors[] All = [new("good", 0, 0.04), new("usual", 0.02, 0.15), new("bad", 0.05, 0.25)];
}

/// <summary>A building for one trial: rooms whose true counts are known, and what faulty sensors made of them.</summary>
internal sealed record Trial(
    string Name, Site Site, Dictionary<string, (DateTimeOffset At, int People)[]> Truth, Observation[] Observations);

/// <summary>Makes passages of a true head count and gives them the errors of sensors; the same seed gives the same errors.</summary>
internal sealed class Simulation(Random random, Doors kind)
{
    private readonly List<(DateTimeOffset At, string Portal, int Persons)> _true = [];

    /// <summary>One room with its own doors to outside.</summary>
    public static Trial Room(HeadCounts counts, Doors kind, int seed, int doors, bool hours, bool presence)
    {
        var simulation = new Simulation(new Random(seed), kind);
        var portals = Enumerable.Range(1, doors).Select(i => new Portal($"door-{i}", $"door-{i}", Site.Outside, "room")).ToArray();
        simulation.Walk(counts.Rows, () => portals[simulation.Draw(doors)].Id);
        var site = Building(counts, hours, [new Zone("room", "Room")], portals, presence ? ["room"] : []);
        Observation[] observations =
            [.. simulation.Count(portals), .. presence ? simulation.Watch("room", counts.Rows, ideal: seed % 2 == 0) : []];
        return new Trial(
            $"{kind.Name} {counts.Name} {doors}d {(hours ? "hours" : "     ")} {(presence ? seed % 2 == 0 ? "ideal" : "pir" : "")}", site,
            new() { ["room"] = counts.Rows, ["site"] = counts.Rows }, Ordered(observations));
    }

    /// <summary>Two rooms behind a hall: everyone comes through the main door and stays a minute in the hall.</summary>
    public static Trial Rooms(HeadCounts first, HeadCounts second, Doors kind, int seed, bool hours)
    {
        var simulation = new Simulation(new Random(seed), kind);
        Portal[] portals = [new("main", "main", Site.Outside, "hall"), new("a", "a", "hall", "room-a"), new("b", "b", "hall", "room-b")];
        simulation.Walk(first.Rows, () => "a");
        simulation.Walk(second.Rows, () => "b");
        simulation._true.AddRange([.. simulation._true.Select(p => (p.At.AddSeconds(-p.Persons * (30 + simulation.Draw(60))), "main", p.Persons))]);
        var hall = Hall(simulation._true, first.Rows);
        var truth = new Dictionary<string, (DateTimeOffset, int)[]> { ["hall"] = hall, ["room-a"] = first.Rows, ["room-b"] = second.Rows };
        truth["site"] = [.. first.Rows.Select((r, i) => (r.At, r.People + second.Rows[i].People + hall[i].People))];
        var site = Building(first, hours, [new Zone("hall", "Hall"), new Zone("room-a", "A"), new Zone("room-b", "B")], portals, []);
        return new Trial($"{kind.Name} {first.Name}+{second.Name} {(hours ? "hours" : "")}", site, truth, Ordered(simulation.Count(portals)));
    }

    private int Draw(int n) => random.Next(n);

    private static (DateTimeOffset At, int People)[] Hall(
        List<(DateTimeOffset At, string Portal, int Persons)> passages, (DateTimeOffset At, int People)[] rows)
    {
        var ordered = passages.OrderBy(p => p.At).ToArray();
        var (next, people) = (0, 0);
        return [.. rows.Select(r =>
        {
            for (; next < ordered.Length && ordered[next].At <= r.At; next++)
            {
                people += ordered[next].Portal == "main" ? ordered[next].Persons : -ordered[next].Persons;
            }

            return (r.At, people);
        })];
    }

    private void Walk((DateTimeOffset At, int People)[] rows, Func<string> door)
    {
        // People also come and go within a row's time, unseen by the head count.
        var churn = random.Next(2) * 0.004;
        for (var i = 0; i < rows.Length; i++)
        {
            var before = i == 0 ? 0 : rows[i - 1].People;
            var since = i == 0 ? TimeSpan.FromMinutes(1) : rows[i].At - rows[i - 1].At;
            since = since > TimeSpan.FromMinutes(10) ? TimeSpan.FromMinutes(5) : since;
            for (var n = before; n != rows[i].People; n += Math.Sign(rows[i].People - before))
            {
                Add(Math.Sign(rows[i].People - before));
            }

            if (before > 0 && rows[i].People > 0 && random.NextDouble() < churn * before * since.TotalMinutes)
            {
                Add(1);
                Add(-1);
            }

            void Add(int persons) => _true.Add((rows[i].At - (since * random.NextDouble() * 0.999), door(), persons));
        }
    }

    private List<Observation> Count(Portal[] portals)
    {
        var errors = portals.ToDictionary(p => p.Id, _ => (In: Errors(), Out: Errors()));
        var sideBySide = random.NextDouble() * 0.4 * (kind.Most / 0.15);
        var last = portals.ToDictionary(p => p.Id, _ => (At: DateTimeOffset.MinValue, Persons: 0));
        var seen = new List<Observation>();
        foreach (var p in _true.OrderBy(p => p.At))
        {
            var e = p.Persons > 0 ? errors[p.Portal].In : errors[p.Portal].Out;
            var together = last[p.Portal].Persons == p.Persons && p.At - last[p.Portal].At < TimeSpan.FromSeconds(1);
            last[p.Portal] = (p.At, p.Persons);
            if (random.NextDouble() < e.Missed || (together && random.NextDouble() < sideBySide))
            {
                continue;
            }

            var counted = random.NextDouble() < e.WrongWay ? -p.Persons : p.Persons;
            seen.Add(new PassageObserved(p.At, p.At, true, p.Portal, counted));
            if (random.NextDouble() < e.Twice)
            {
                seen.Add(new PassageObserved(p.At.AddSeconds(0.4), p.At.AddSeconds(0.4), true, p.Portal, counted));
            }
        }

        return seen;
    }

    private SensorErrors Errors() =>
        new(kind.Least + ((kind.Most - kind.Least) * random.NextDouble()), 0.27 * kind.Most * random.NextDouble(), 0.13 * kind.Most * random.NextDouble());

    /// <summary>A presence sensor: ideal, or a PIR that sees each person move every other minute or so and holds for two.</summary>
    private IEnumerable<Observation> Watch(string zone, (DateTimeOffset At, int People)[] rows, bool ideal)
    {
        bool? told = null;
        var held = DateTimeOffset.MinValue;
        for (var i = 0; i < rows.Length; i++)
        {
            var people = Math.Max(rows[i].People, i == 0 ? 0 : rows[i - 1].People);
            if (random.NextDouble() > Math.Pow(0.55, people))
            {
                held = rows[i].At.AddMinutes(2);
            }

            var someone = ideal ? rows[i].People > 0 : rows[i].At < held;
            if (someone != told)
            {
                told = someone;
                yield return new PresenceObserved(rows[i].At, rows[i].At, true, zone + "-pir", zone, someone);
            }
        }
    }

    private static Observation[] Ordered(IEnumerable<Observation> observations) => [.. observations.OrderBy(o => o.Received)];

    private static Site Building(HeadCounts counts, bool hours, Zone[] zones, Portal[] portals, string[] watched) => new(
        "trial", "Trial", counts.TimeZone, 100, zones, portals,
        [.. portals.Select(p => new Sensor(p.Sensor, "kit", EventKinds.Passage)), .. watched.Select(z => new Sensor(z + "-pir", "kit", EventKinds.Presence, z))],
        OpeningHours: hours ? new[] { "mon", "tue", "wed", "thu", "fri", "sat", "sun" }.ToDictionary(d => d, _ => (IReadOnlyList<string>)["07:00-23:00"]) : null);
}
