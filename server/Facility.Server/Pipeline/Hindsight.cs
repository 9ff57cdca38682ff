using Facility.Contracts.Places;
using Facility.Domain.Occupancy;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>Reconciles days: each that is over by an hour and has facts not yet in its hindsight, and the day that got so old, also when nobody came.</summary>
internal static class Hindsight
{
    /// <summary>Facts are kept so long; a day older than that keeps the hindsight it has, since not all of it is known any more.</summary>
    private static readonly TimeSpan KeepFacts = TimeSpan.FromDays(90);

    /// <param name="clock">Up to here days were reconciled before.</param>
    public static void Take(IOccupancyStore store, SitesDocument sites, DateTimeOffset clock, DateTimeOffset now)
    {
        foreach (var (id, day) in store.DueDays().Concat(QuietDays(sites, clock, now)).Distinct())
        {
            var site = sites.Sites.FirstOrDefault(s => s.Id == id);
            if (site is null)
            {
                store.Reconciled(id, day, []);
                continue;
            }

            var zone = OpeningHours.ZoneOf(site);
            var (start, end) = (Reconciler.StartOf(day, zone), Reconciler.StartOf(day.AddDays(1), zone));
            if (end + TimeSpan.FromHours(1) > now)
            {
                continue;
            }

            var steps = start < now - KeepFacts ? [] : Reconciler.Reconcile(site, store.FactsOf(id, day), start, end);
            store.Reconciled(id, day, [.. steps.GroupBy(s => s.Zone, s => s.Step).SelectMany(z =>
                TimeWeighted.Sums([.. z], start, end, QuarterHour.Length, QuarterHour.Floor(start)).Select(sum => new OccupancyFigure(id, z.Key, "reconciled", sum)))]);
        }

        store.Forget(now - KeepFacts, now);
    }

    private static IEnumerable<(string Site, DateOnly Day)> QuietDays(SitesDocument sites, DateTimeOffset clock, DateTimeOffset now)
    {
        foreach (var site in sites.Sites)
        {
            var zone = OpeningHours.ZoneOf(site);
            var last = Reconciler.DayOf(now - TimeSpan.FromHours(1), zone);
            for (var day = Reconciler.DayOf(clock - TimeSpan.FromHours(1), zone); day < last; day = day.AddDays(1))
            {
                yield return (site.Id, day);
            }
        }
    }
}
