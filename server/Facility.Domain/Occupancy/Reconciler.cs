using Facility.Contracts.Places;

namespace Facility.Domain.Occupancy;

/// <summary>One reconciled change of a zone.</summary>
public readonly record struct ReconciledStep(string Zone, EstimateStep Step);

/// <summary>
/// The estimate of a day that is over, with what only hindsight knows: what happened in its order, also what came
/// late, and that nobody was left at the nightly zero.
/// </summary>
/// <remarks>It rests on that day alone, so that late data gives the same answer as if it had come in time.</remarks>
public static class Reconciler
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The local day, 04:00 to 04:00, that an instant belongs to.</summary>
    public static DateOnly DayOf(DateTimeOffset instant, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime.AddHours(-4));

    /// <summary>When a local day starts.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(new TimeOnly(4, 0));
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    /// <param name="facts">Of one day, in any order.</param>
    /// <returns>Changes in order of time, from a zero at <paramref name="start"/> to a zero at <paramref name="end"/>, the whole site among the zones.</returns>
    public static IReadOnlyList<ReconciledStep> Reconcile(Site site, IEnumerable<DayFact> facts, DateTimeOffset start, DateTimeOffset end)
    {
        var ordered = facts.Where(f => f.At >= start && f.At < end)
            .OrderBy(p => p.At).ThenBy(p => p.Kind).ThenBy(p => p.Source, StringComparer.Ordinal).ThenBy(p => p.Value).ToArray();
        var parts = SitePart.Of(site).Skip(site.Zones.Count == 1 ? 1 : 0).ToArray();
        var clock = new SiteClock(site);
        var tracks = parts.Select(p => Track(p, site, clock, ordered, start, end)).ToArray();
        return [.. Changes(parts, tracks, start, end)];
    }

    private static Queue<(DateTimeOffset At, Span90 Span)> Track(
        SitePart part, Site site, SiteClock clock, DayFact[] facts, DateTimeOffset start, DateTimeOffset end)
    {
        var filter = new CountFilter();
        var tape = new List<(DateTimeOffset At, Step Step)>();
        var at = start;
        var evidence = new ZoneEvidence(new ZoneMemory(), step =>
        {
            filter.Take(step);
            tape.Add((at, step));
        });
        var seen = new Dictionary<string, bool>();
        var next = 0;
        for (var minute = start + Minute; minute <= end; minute += Minute)
        {
            for (; next < facts.Length && facts[next].At < minute; next++)
            {
                var fact = facts[next];
                at = fact.At;
                switch (fact.Kind)
                {
                    case DayFactKind.Passage when part.Doors.TryGetValue(fact.Source, out var door):
                        evidence.Pass(at, door.Sign * fact.Value);
                        break;
                    case DayFactKind.Presence:
                        Note(seen, fact);
                        evidence.See(at, part.Someone(seen));
                        break;
                    case DayFactKind.Count when fact.Source == part.Id || site.Zones.Count == 1:
                        evidence.Count(at, fact.Value);
                        break;
                }
            }

            at = minute;
            if (!filter.IsZero)
            {
                var hours = minute == end ? Hours.Night : clock.Of(minute);
                evidence.Pass(minute, hours, heard: true, filter.Read().Estimate, filter.Nobody);
            }
        }

        return new(Smoother.Smooth(tape, filter.Weights).Select(i => (i.At, Span90.Of(i.First, i.P))));
    }

    private static void Note(Dictionary<string, bool> seen, DayFact presence)
    {
        if (presence.Value < 0)
        {
            seen.Remove(presence.Source);
        }
        else
        {
            seen[presence.Source] = presence.Value == 1;
        }
    }

    private static IEnumerable<ReconciledStep> Changes(
        SitePart[] parts, Queue<(DateTimeOffset At, Span90 Span)>[] tracks, DateTimeOffset start, DateTimeOffset end)
    {
        var raw = new Span90[parts.Length];
        var told = new Span90?[parts.Length];
        for (var at = start; ;)
        {
            var shown = at >= end ? new Span90[parts.Length] : [.. raw];
            Consistent.AddUp(shown, parts[0].Doors.Count > 0);

            for (var i = 0; i < parts.Length; i++)
            {
                if (told[i] != shown[i] || at >= end)
                {
                    told[i] = shown[i];
                    var step = new EstimateStep(at, shown[i].Estimate, shown[i].Low, shown[i].High);
                    if (parts.Length == 1)
                    {
                        yield return new ReconciledStep(Site.WholeSite, step);
                    }

                    yield return new ReconciledStep(parts[i].Id, step);
                }
            }

            if (at >= end)
            {
                yield break;
            }

            at = tracks.Min(t => t.TryPeek(out var next) ? next.At : end);
            for (var i = 0; i < parts.Length; i++)
            {
                while (tracks[i].TryPeek(out var next) && next.At <= at)
                {
                    raw[i] = tracks[i].Dequeue().Span;
                }
            }
        }
    }
}
