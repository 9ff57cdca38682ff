using Facility.Contracts.Places;
using Facility.Domain.Places;
using Facility.Domain.Trends;
using Facility.Server.Ports;

namespace Facility.Server.Api;

/// <summary>One question about a site's past: what every answer of trends needs.</summary>
internal sealed record SiteCall(Site Site, Query Query, HttpRequest Request, ISeriesStore Series, DateTimeOffset Now, CancellationToken Cancellation)
{
    public TimeZoneInfo TimeZone { get; } = OpeningHours.ZoneOf(Site);

    public LocalCalendar Calendar => new(TimeZone);

    /// <summary>Whether the site is open; always, where its hours are not known.</summary>
    public bool IsOpen(DateTimeOffset at) => !OpeningHours.AreKnown(Site) || OpeningHours.IsOpen(Site, TimeZone, at);

    public string ZoneKey() => Query.Choice("zone", Site.WholeSite, Site.Zones.Where(z => !z.Private).Select(z => z.Id).Prepend(Site.WholeSite));

    public string BasisKey() => Query.Choice("basis", SiteEndpoints.Live, SiteEndpoints.Live, SiteEndpoints.Reconciled);

    /// <summary>A route's handler: finds the site, and turns a series store that is away into a problem.</summary>
    public static Delegate Handler(Func<SiteCall, Task<IResult>> answer) =>
        (string site, HttpRequest request, ISitesDirectory sites, ISeriesStore series, TimeProvider time, CancellationToken cancellation) =>
            SiteEndpoints.Find(sites, site) is not { } known
                ? Task.FromResult(SiteEndpoints.Unknown(site))
                : SiteEndpoints.Answer(() => answer(new SiteCall(known, new Query(request.Query, time.GetUtcNow()), request, series, time.GetUtcNow(), cancellation)));
}
