using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;

namespace Facility.Domain.Alerts;

/// <summary>A decision and its reason.</summary>
public enum Verdict
{
    Open,
    Repeat,
    Over,
    History,
}

/// <param name="Reason">For a person's timeline.</param>
public readonly record struct Decision(Verdict Verdict, Condition Condition, DateTimeOffset At, string Reason);

/// <summary>
/// The rules: which conditions stand, by what the journal tells and by time. A device that goes silent ends none of them.
/// </summary>
public sealed class AlertBook(IEnumerable<Condition> standing)
{
    private const double Hysteresis = 1;
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Closing = TimeSpan.FromMinutes(15);
    private static readonly int ExpiryDays = 30;
    private readonly Dictionary<string, Condition> _standing = standing.ToDictionary(c => c.Key);

    public IReadOnlyCollection<Condition> Standing => _standing.Values;

    public bool Stands(string site, string rule, string cause) => _standing.ContainsKey($"{site}/{rule}/{cause}");

    /// <summary>What an entry of the journal tells of a site.</summary>
    public IEnumerable<Decision> Take(JournalEntry entry, SitePlan plan)
    {
        if (entry.Fact is ReachabilityChanged change)
        {
            return Set(!change.Reachable, new Condition(
                entry.Site, null, AlertRule.DeviceSilent, entry.Device, entry.Received, entry.Received, true, entry.Id, "device not heard"));
        }

        return entry.Fact is EventsJournaled batch
            ? [.. batch.Events.Where(e => e.SetAside == SetAside.None).SelectMany(e => Of(e, entry, plan))]
            : [];
    }

    /// <summary>What time and the estimates tell of a site; <paramref name="occupancy"/> is null while it is not known.</summary>
    public IEnumerable<Decision> Tick(DateTimeOffset now, SitePlan plan, SiteOccupancy? occupancy)
    {
        List<Decision> made = [];
        var site = plan.Site;
        foreach (var zone in occupancy?.Zones.Where(z => z is { High: not null, Capacity: > 0 }) ?? [])
        {
            var share = 100.0 * zone.High!.Value / zone.Capacity!.Value;
            var what = $"up to {zone.High} of {zone.Capacity} people";
            made.AddRange(Limit(share, 80, 75, AlertRule.Crowded, zone.Zone));
            made.AddRange(Limit(share, 100, 95, AlertRule.OverCapacity, zone.Zone));

            IEnumerable<Decision> Limit(double value, double above, double below, string rule, string id) =>
                value > above ? Keep(Timed(rule, id, what) with { Zone = id }) : value < below ? End(site.Id, rule, id, now) : [];
        }

        foreach (var cabinet in site.Cabinets ?? [])
        {
            var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, OpeningHours.ZoneOf(site)).DateTime);
            var first = new[] { cabinet.PadsExpire, cabinet.BatteryExpires }.Min();
            made.AddRange(first <= today.AddDays(ExpiryDays)
                ? Keep(Timed(AlertRule.AedExpiry, cabinet.Id, $"pads or battery expire on {first:yyyy-MM-dd}") with { Zone = cabinet.Zone })
                : End(site.Id, AlertRule.AedExpiry, cabinet.Id, now));
        }

        if (OpeningHours.AreKnown(site))
        {
            // Closed for a quarter of an hour, not yet for two, and someone is still seen or counted.
            var closing = !OpeningHours.IsOpen(site, now) && !OpeningHours.IsOpen(site, now - Closing) && OpeningHours.IsOpen(site, now - (2 * Closing));
            var inside = occupancy?.Zones.Any(z => z.Presence == true || z is { Zone: Site.WholeSite, Low: > 0 }) == true;
            made.AddRange(closing && inside ? Keep(Timed(AlertRule.AtClosing, Site.WholeSite, "people inside after closing")) : closing ? [] : End(site.Id, AlertRule.AtClosing, Site.WholeSite, now));
            made.AddRange(OpeningHours.IsOpen(site, now) ? End(site.Id, AlertRule.WhileClosed, Site.WholeSite, now) : []);
        }

        foreach (var due in _standing.Values.Where(c => c.Site == site.Id && c.IsDue(now)).ToArray())
        {
            _standing[due.Key] = due with { Told = true };
            made.Add(new Decision(Verdict.Open, due, now, due.IsOld ? $"{due.What}; began {Age(due.Age)} ago and still stands" : due.What));
        }

        return made;

        Condition Timed(string rule, string cause, string what) => new(site.Id, null, rule, cause, now, now, true, 0, what);
    }

    private IEnumerable<Decision> Of(JournaledEvent e, JournalEntry entry, SitePlan plan)
    {
        var site = plan.Site;
        var cabinet = site.Cabinets?.FirstOrDefault(c => e.Sensor == c.Door || e.Sensor == c.Present || e.Sensor == c.Tamper || e.Sensor == c.Temperature);
        var zone = cabinet?.Zone ?? plan.Sensor(e.Sensor)?.Zone;
        return e.Kind switch
        {
            EventKinds.Button => Set(e.Value == 1, Told(AlertRule.Assistance, e.Sensor, "assistance button pressed")),
            EventKinds.Alarm => Set(e.Value == 1, Told(AlertRule.Fire, e.Sensor, "fire panel alarm")),
            EventKinds.Tamper => Set(e.Value == 1, Told(AlertRule.Tamper, e.Sensor, "tampered with")),
            EventKinds.Fault => Set(e.Value == 1, Told(AlertRule.SensorFault, e.Sensor, "sensor does not work")),
            EventKinds.Contact when cabinet is not null => Set(e.Value == 1, Told(AlertRule.AedOpened, cabinet.Id, "AED cabinet opened")),
            EventKinds.Contact => Set(e.Value == 1, Told(AlertRule.DoorHeldOpen, e.Sensor, "door held open")),
            EventKinds.Present when cabinet is not null => Set(e.Value == 0, Told(AlertRule.AedTaken, cabinet.Id, "AED taken from its cabinet")),
            EventKinds.Temperature when cabinet is not null => Temperature(cabinet),
            EventKinds.Passage or EventKinds.Presence when e.Value > 0 && IsClosed(site, e.At) =>
                Set(true, Told(AlertRule.WhileClosed, Site.WholeSite, $"{e.Kind} at {e.Sensor} while closed")),
            _ => [],
        };

        Condition Told(string rule, string cause, string what) =>
            new(site.Id, zone, rule, cause, e.At, entry.Received, e.TimeCertain, entry.Id, what);

        IEnumerable<Decision> Temperature(Cabinet c) =>
            e.Value < c.MinCelsius || e.Value > c.MaxCelsius
                ? Keep(Told(AlertRule.AedTemperature, c.Id, FormattableString.Invariant($"{e.Value:0.0} degrees in the AED cabinet")))
            : e.Value < c.MinCelsius + Hysteresis || e.Value > c.MaxCelsius - Hysteresis ? []
            : End(site.Id, AlertRule.AedTemperature, c.Id, e.At);
    }

    // Staff come before opening and leave after closing.
    private static bool IsClosed(Site site, DateTimeOffset at) => OpeningHours.AreKnown(site)
        && !OpeningHours.IsOpen(site, at) && !OpeningHours.IsOpen(site, at - Grace) && !OpeningHours.IsOpen(site, at + Grace);

    private IEnumerable<Decision> Set(bool active, Condition c) => active ? Start(c) : End(c.Site, c.Rule, c.Cause, c.At);

    private IEnumerable<Decision> Keep(Condition c) => _standing.ContainsKey(c.Key) ? [] : Start(c);

    private IEnumerable<Decision> Start(Condition c)
    {
        if (_standing.TryGetValue(c.Key, out var known))
        {
            return known.Told ? [new Decision(Verdict.Repeat, known, c.At, c.What)] : [];
        }

        _standing[c.Key] = c;
        return [];
    }

    private IEnumerable<Decision> End(string site, string rule, string cause, DateTimeOffset at)
    {
        if (!_standing.Remove($"{site}/{rule}/{cause}", out var was))
        {
            return [];
        }

        if (was.Told)
        {
            return [new Decision(Verdict.Over, was, at, "over: " + was.What)];
        }

        // It stood long enough for its rule, and was over before anyone could look.
        return at - was.At < AlertRule.All[rule].Delay ? []
            : was.IsOld ? [new Decision(Verdict.History, was, at, $"{was.What}; old news, over when it was heard of")]
            : [new Decision(Verdict.Open, was, at, was.What), new Decision(Verdict.Over, was, at, "over: " + was.What)];
    }

    private static string Age(TimeSpan age) => age.TotalHours >= 48 ? $"{(int)age.TotalDays} days" : age.TotalHours >= 1 ? $"{(int)age.TotalHours} hours" : $"{(int)age.TotalMinutes} minutes";
}
