using Facility.Contracts.Places;

namespace Facility.Domain.Occupancy;

/// <summary>A passage by the time it happened.</summary>
public readonly record struct DayPassage(DateTimeOffset At, string Portal, int Persons);

/// <summary>One reconciled change of a zone.</summary>
public readonly record struct ReconciledStep(string Zone, EstimateStep Step);

/// <summary>
/// The estimate of a day that is over, with what only hindsight knows: passages in the order they happened, also those
/// that came late, and that nobody was left at the nightly zero.
/// </summary>
/// <remarks>
/// The plain version, which a smoother replaces: what a zone's count misses at the end of the day is its drift, and is
/// taken off in proportion to the persons that had passed its doors. The interval is widest in the middle, where most of
/// the drift may still be placed wrongly: ± (1 + the drift × twice the smaller of the shares before and after).
/// </remarks>
public static class Reconciler
{
    /// <summary>The local day, 04:00 to 04:00, that an instant belongs to.</summary>
    public static DateOnly DayOf(DateTimeOffset instant, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime.AddHours(-4));

    /// <summary>When a local day starts.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(new TimeOnly(4, 0));
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <param name="passages">Of one day, in any order.</param>
    /// <returns>Changes in order of time, from a zero at <paramref name="start"/> to a zero at <paramref name="end"/>, the whole site among the zones.</returns>
    public static IReadOnlyList<ReconciledStep> Reconcile(
        Site site, IEnumerable<DayPassage> passages, DateTimeOffset start, DateTimeOffset end)
    {
        var ordered = passages.OrderBy(p => p.At).ThenBy(p => p.Portal, StringComparer.Ordinal).ToArray();
        var portals = site.Portals.ToDictionary(p => p.Id);
        var zones = site.Zones.ToDictionary(z => z.Id, _ => new Drift());
        var whole = new Drift();
        foreach (var passage in ordered)
        {
            Apply(passage, (drift, persons) => drift.Learn(persons));
        }

        var steps = new List<ReconciledStep>();
        Emit(start);
        foreach (var passage in ordered)
        {
            Apply(passage, (drift, persons) => drift.Take(persons));
            Emit(passage.At);
        }

        steps.Add(new ReconciledStep(Site.WholeSite, new EstimateStep(end, 0, 0, 0)));
        steps.AddRange(zones.Keys.Select(z => new ReconciledStep(z, new EstimateStep(end, 0, 0, 0))));
        return steps;

        void Apply(in DayPassage passage, Action<Drift, int> act)
        {
            if (!portals.TryGetValue(passage.Portal, out var portal))
            {
                return;
            }

            if (zones.TryGetValue(portal.From, out var from))
            {
                act(from, -passage.Persons);
            }

            if (zones.TryGetValue(portal.To, out var to))
            {
                act(to, passage.Persons);
            }

            if (portal.From == Site.Outside || portal.To == Site.Outside)
            {
                act(whole, portal.To == Site.Outside ? -passage.Persons : passage.Persons);
            }
        }

        void Emit(DateTimeOffset at)
        {
            var sum = 0;
            foreach (var (zone, drift) in zones)
            {
                var estimate = drift.Estimate;
                sum += estimate;
                Put(zone, drift, estimate, at);
            }

            Put(Site.WholeSite, whole, sum, at);
        }

        void Put(string zone, Drift drift, int estimate, DateTimeOffset at)
        {
            var step = new EstimateStep(at, estimate, Math.Max(0, estimate - drift.Slack), estimate + drift.Slack);
            if (drift.Last is not { } last || (last.Estimate, last.Low, last.High) != (step.Estimate, step.Low, step.High))
            {
                drift.Last = step;
                steps.Add(new ReconciledStep(zone, step));
            }
        }
    }

    private sealed class Drift
    {
        private long _total;
        private long _residual;
        private long _taken;
        private long _raw;

        public EstimateStep? Last { get; set; }

        public int Estimate => (int)Math.Max(0, Math.Round(_raw - (_residual * Share)));

        public int Slack => _taken == 0 ? 0 : 1 + (int)Math.Ceiling(Math.Abs(_residual) * 2 * Math.Min(Share, 1 - Share));

        private double Share => _total == 0 ? 0 : (double)_taken / _total;

        public void Learn(int persons) => (_total, _residual) = (_total + Math.Abs(persons), _residual + persons);

        public void Take(int persons) => (_taken, _raw) = (_taken + Math.Abs(persons), _raw + persons);
    }
}
