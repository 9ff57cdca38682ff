using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.Live;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Tests.Programs;

namespace Facility.Tests.EndToEnd;

/// <summary>
/// A Tuesday at 14:20 in the five centres, to look at: Zuid is busy, a device of Galecop is silent, an assistance button was pressed in
/// Batau and an AED was taken in Galecop.
/// </summary>
internal static class TuesdayAfternoon
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 13, 20, 0, TimeSpan.Zero);

    public static readonly SitesDocument Sites =
        JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(RunningProgram.Root, "seeds", "sites.json")), ApiJson.Default.SitesDocument)!;

    /// <summary>The pages that this fixture fills.</summary>
    public static readonly (string Name, string Path)[] Pages =
    [
        ("nu", "/"), ("plein", "/plein/ratelaar"), ("scherm", "/scherm/ratelaar"), ("ontruiming", "/ontruiming/ratelaar"),
        ("meldingen", "/meldingen"), ("melding", "/meldingen/11111111-1111-4111-8111-111111111111"),
    ];

    private static readonly DateTimeOffset Midnight = new(2026, 11, 23, 23, 0, 0, TimeSpan.Zero);

    // Persons in hall, meeting, kitchen, nook and desk.
    private static readonly Dictionary<string, int[]> People = new()
    {
        ["batau"] = [14, 22, 6, 3, 7],
        ["doorslag"] = [5, 0, 2, 1, 4],
        ["galecop"] = [9, 31, 0, 2, 5],
        ["ratelaar"] = [74, 96, 19, 8, 21],
        ["componist"] = [21, 48, 12, 6, 11],
    };

    // An ordinary day's share of its peak, by hour.
    private static readonly double[] Shape =
        [0, 0, 0, 0, 0, 0, 0, 0.02, 0.1, 0.35, 0.62, 0.7, 0.8, 0.72, 0.66, 0.74, 0.5, 0.35, 0.45, 0.82, 1, 0.8, 0.3, 0.02];

    public static Snapshot Snapshot => new([.. Sites.Sites.Select(Occupancy)], Incidents, [.. Sites.Sites.Select(Device)], 12);

    public static IReadOnlyList<Incident> Incidents =>
    [
        new("11111111-1111-4111-8111-111111111111", "batau", "desk", "assistance", "urgent", "open", Now.AddMinutes(-2), null,
            [new(Now.AddMinutes(-2), "opened", null, "assistance")], 11, "help-button", OpenSince: Now.AddMinutes(-2)),
        new("22222222-2222-4222-8222-222222222222", "galecop", "hall", "aed-taken", "urgent", "acknowledged", Now.AddMinutes(-35), "Bram",
            [new(Now.AddMinutes(-35), "opened", null, "aed-taken"), new(Now.AddMinutes(-33), "acknowledged", "Bram", "acknowledged")], 10, "aed", Now.AddMinutes(-33), Ticks: [new(1, "Bram", Now.AddMinutes(-20))]),
        new("33333333-3333-4333-8333-333333333333", "galecop", null, "device-silent", "normal", "open", Now.AddMinutes(-12), null,
            [new(Now.AddMinutes(-12), "opened", null, "device-silent")], 12, "galecop-01", OpenSince: Now.AddMinutes(-12)),
    ];

    public static TypicalDay TypicalDay(string site)
    {
        var level = site is "ratelaar" ? 1.35 : site is "doorslag" ? 0.7 : 1.02;
        var peak = People[site].Sum() / (Shape[14] + ((Shape[15] - Shape[14]) / 3)) / level;
        return new("occupancy", new DateOnly(2026, 11, 24), "ordinary", null, 8, level,
            [.. Shape.Select((share, hour) => new TypicalHour(hour, share * peak * 0.7, share * peak, share * peak * 1.3, hour < 14 ? share * peak * level : null,
                hour >= 14 ? share * peak * level : null, hour >= 14 ? share * peak * level * 0.8 : null, hour >= 14 ? share * peak * level * 1.25 : null))],
            []);
    }

    public static OccupancyHistory History(string site, DateTimeOffset from, DateTimeOffset to)
    {
        var peak = People[site].Sum() / (Shape[14] + ((Shape[15] - Shape[14]) / 3)) * (from < Midnight ? 0.8 : 1);
        var points = new List<OccupancyPoint>();
        for (var at = from; at < to && at < Now; at += TimeSpan.FromMinutes(15))
        {
            var hour = (at - Midnight).TotalHours + (at < Midnight ? 24 : 0);
            var (before, part) = ((int)hour, hour - (int)hour);
            var mean = peak * ((Shape[before] * (1 - part)) + (Shape[Math.Min(23, before + 1)] * part)) * (1 + (0.06 * Math.Sin((hour - 14.2) * 9)));
            points.Add(new(at, mean, (int)mean + 1, (int)mean, (int)mean + 2));
        }

        return new("live", points);
    }

    public static PassageHistory Passages(string site) => new(
        [.. Sites.Sites.Single(s => s.Id == site).Portals.Where(p => !p.Id.StartsWith("consult", StringComparison.Ordinal))
            .Select((p, i) => new PassagePoint(Midnight, p.Id, 100 - (12 * i), 90 - (12 * i)))]);

    private static SiteOccupancy Occupancy(Site site)
    {
        var people = People[site.Id];
        var (total, stale) = (people.Sum(), site.Id == "galecop");
        string[] zones = ["hall", "meeting", "kitchen", "nook", "desk"];
        var known = zones.Zip(people, (zone, n) => new ZoneOccupancy(zone, n, Math.Max(0, n - 2), n + 2, site.Zones.Single(z => z.Id == zone).Capacity, n > 0, stale));
        return new(site.Id, Now, 812,
            [new(Site.WholeSite, total, total - 4, total + 5, site.Capacity, true, stale), .. known,
             new("consult-1", null, null, null, null, site.Id != "doorslag", stale), new("consult-2", null, null, null, null, false, stale)]);
    }

    private static DeviceState Device(Site site) => new(
        site.Id + "-01", site.Id, site.Id == "galecop" ? DeviceState.Silent : DeviceState.Online, site.Id == "galecop" ? Now.AddMinutes(-14) : Now.AddSeconds(-4), false, 0, 0,
        site.Id == "galecop" ? 3 : 0, [], "1.4.0",
        [new SensorLevel("aed-present", "present", site.Id == "galecop" ? 0 : 1), new SensorLevel("aed-door", "contact", 0), new SensorLevel("aed-tamper", "tamper", 0), new SensorLevel("aed-temp", "temperature", 21.4)]);
}
