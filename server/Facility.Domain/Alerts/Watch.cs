using System.Globalization;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;

namespace Facility.Domain.Alerts;

/// <summary>The server's own state, as it sees it now.</summary>
/// <param name="BrokerConnected">Whether devices can be heard.</param>
/// <param name="DiskFree">Percent; null where it cannot be told.</param>
/// <param name="Behind">Seconds that each follower is behind the journal.</param>
public sealed record ServerState(bool BrokerConnected, double? DiskFree, IReadOnlyDictionary<string, double> Behind);

/// <summary>
/// What the server must journal of what it sees: the beginning and end of what its estimates, the hours and its own state say. A pure
/// function of those and of what stands already.
/// </summary>
public static class Watch
{
    private static readonly TimeSpan Evening = TimeSpan.FromHours(12);

    /// <param name="standing">The condition of a rule and cause of the site, if it stands.</param>
    public static IEnumerable<Observed> People(SitePlan plan, SiteOccupancy occupancy, Func<string, string, Condition?> standing, DateTimeOffset now)
    {
        foreach (var zone in occupancy.Zones.Where(z => z.High is not null))
        {
            var whole = zone.Zone == Site.WholeSite;
            var capacity = zone.Capacity ?? 0;
            var over = (whole ? Full(AlertRule.OverNotice, plan.Site.NoticeOfUse ?? plan.Site.Capacity) : Full(AlertRule.OverCapacity, capacity))
                .Concat(Full(AlertRule.Crowded, capacity));
            foreach (var seen in over)
            {
                yield return seen;
            }

            IEnumerable<Observed> Full(string rule, int most)
            {
                var limits = AlertLimits.Of(plan, rule, zone.Zone);
                var percent = most > 0 ? 100.0 * zone.High!.Value / most : 0;
                var stands = standing(rule, zone.Zone) is not null;

                // What is stale has not become less: silence ends nothing.
                var becomes = percent > limits.Limit || (stands && (zone.Stale || percent >= limits.Limit - limits.Hysteresis));
                return becomes == stands ? []
                    : [new Observed(rule, zone.Zone, zone.Zone, becomes, new Saying("people", Number(zone.High!.Value), Number(most)))];
            }
        }

        if (Closing(plan, occupancy, standing(AlertRule.AtClosing, Site.WholeSite), now) is { } closing)
        {
            yield return closing;
        }
    }

    public static IEnumerable<Observed> Server(SitePlan server, ServerState state, Func<string, string, Condition?> standing)
    {
        if (standing(AlertRule.ServerBroker, "broker") is null == !state.BrokerConnected)
        {
            yield return new Observed(AlertRule.ServerBroker, "broker", null, !state.BrokerConnected, new Saying(AlertRule.ServerBroker));
        }

        if (state.DiskFree is { } free)
        {
            var limits = AlertLimits.Of(server, AlertRule.ServerDisk, null);
            var stands = standing(AlertRule.ServerDisk, "disk") is not null;
            var becomes = free < limits.Limit || (stands && free <= limits.Limit + limits.Hysteresis);
            if (becomes != stands)
            {
                yield return new Observed(AlertRule.ServerDisk, "disk", null, becomes, new Saying(AlertRule.ServerDisk, Number(Math.Floor(free))));
            }
        }

        foreach (var (follower, seconds) in state.Behind)
        {
            var limits = AlertLimits.Of(server, AlertRule.ServerLag, null);
            var stands = standing(AlertRule.ServerLag, follower) is not null;
            var becomes = seconds > limits.Limit || (stands && seconds >= limits.Limit - limits.Hysteresis);
            if (becomes != stands)
            {
                yield return new Observed(AlertRule.ServerLag, follower, null, becomes, new Saying(AlertRule.ServerLag, follower, Number(Math.Floor(seconds))));
            }
        }
    }

    // Closed for the rule's minutes, not yet for twice as many, and someone is still seen or counted.
    private static Observed? Closing(SitePlan plan, SiteOccupancy occupancy, Condition? standing, DateTimeOffset now)
    {
        if (!OpeningHours.AreKnown(plan.Site))
        {
            return null;
        }

        var after = TimeSpan.FromMinutes(AlertLimits.Of(plan, AlertRule.AtClosing, null).Limit);
        if (standing is not null)
        {
            return OpeningHours.IsOpen(plan.Site, now) || now - standing.At > Evening ? Seen(false) : null;
        }

        var closed = AlertLimits.FirstOpen(plan.Site, now - after, now) is null && AlertLimits.FirstOpen(plan.Site, now - (2 * after), now) is not null;
        return closed && occupancy.Zones.Any(z => z.Presence == true || z is { Zone: Site.WholeSite, Low: > 0 }) ? Seen(true) : null;

        static Observed Seen(bool stands) => new(AlertRule.AtClosing, Site.WholeSite, null, stands, new Saying(AlertRule.AtClosing));
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
