using Facility.Contracts;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Api.Access;
using Facility.Server.Ports;

namespace Facility.Server.Api;

/// <summary><c>/v1/sites</c> and all below it.</summary>
internal static class SiteEndpoints
{
    internal const string Live = "live";
    internal const string Reconciled = "reconciled";

    private static readonly Table<OccupancyPoint> HistoryTable = new Table<OccupancyPoint>()
        .With("at", p => p.At).With("mean", p => p.Mean).With("max", p => p.Max).With("low", p => p.Low).With("high", p => p.High);

    private static readonly Table<PassagePoint> PassageTable = new Table<PassagePoint>()
        .With("at", p => p.At).With("portal", p => p.Portal).With("in", p => p.In).With("out", p => p.Out);

    private static readonly Table<CrowdingCell> CrowdingTable = new Table<CrowdingCell>()
        .With("weekday", c => c.Weekday).With("hour", c => c.Hour).With("mean", c => c.Mean).With("p95", c => c.P95)
        .With("above80", c => c.Above80).With("above100", c => c.Above100);

    public static void MapSites(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/sites", Sites).Needs(Right.SeePublicOccupancy).Produces<SitesDocument>();
        v1.MapGet("/sites/{site}/occupancy", Occupancy).Needs(Right.SeePublicOccupancy).Produces<SiteOccupancy>().ProducesProblem(404);
        v1.MapGet("/sites/{site}/occupancy-history", OccupancyHistory).Needs(Right.SeePublicOccupancy).WithKeys("from", "to", "interval", "zone", "basis").Series<OccupancyHistory>();
        v1.MapGet("/sites/{site}/passages", Passages).Needs(Right.SeeTrends).WithKeys("from", "to", "interval").Series<PassageHistory>();
        v1.MapGet("/sites/{site}/crowding", CrowdingOf).Needs(Right.SeePublicOccupancy).WithKeys("from", "to").Series<Crowding>();
    }

    private static IResult Sites(HttpRequest request, CurrentPerson person, ISitesDirectory sites, TimeProvider time) =>
        new Query(request.Query, time.GetUtcNow()).Only().Problem is { } problem
            ? Problems.BadRequest(problem) : TypedResults.Ok(PublicPart.Of(sites.Current, person));

    private static IResult Occupancy(
        string site, HttpRequest request, CurrentPerson person, ISitesDirectory sites, IOccupancyState occupancy, TimeProvider time) =>
        Find(sites, site) is null ? Unknown(site)
        : new Query(request.Query, time.GetUtcNow()).Only().Problem is { } problem ? Problems.BadRequest(problem)
        : occupancy.Of(site) is { } state ? TypedResults.Ok(person.May(Right.SeeOccupancy) ? state : PublicPart.Of(state, sites.Current))
        : Problems.Of(StatusCodes.Status503ServiceUnavailable, "the estimates are still being read from the journal; try again in a moment");

    private static async Task<IResult> OccupancyHistory(
        string site, HttpRequest request, ISitesDirectory sites, ISeriesStore series, TimeProvider time, CancellationToken cancellation)
    {
        if (Find(sites, site) is not { } known)
        {
            return Unknown(site);
        }

        var query = new Query(request.Query, time.GetUtcNow()).Only("from", "to", "interval", "zone", "basis");
        var (from, to) = query.Range();
        var interval = query.Interval("PT15M", from, to);
        var zone = query.Choice("zone", Site.WholeSite, known.Zones.Select(z => z.Id).Prepend(Site.WholeSite));
        var basis = query.Choice("basis", Live, Live, Reconciled);
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        if (known.Zones.Any(z => z.Id == zone && z.Private))
        {
            return Problems.BadRequest($"zone {zone} is private: only whether it is in use now is shown");
        }

        return await Answer(async () =>
        {
            var points = await OccupancyAnswers.HistoryAsync(series, known, zone, basis, from, to, interval, time.GetUtcNow(), cancellation);
            return await Negotiated.OrJsonAsync(request, new OccupancyHistory(basis, points), points, HistoryTable, $"{site}-{zone}-occupancy");
        });
    }

    private static async Task<IResult> Passages(
        string site, HttpRequest request, ISitesDirectory sites, ISeriesStore series, TimeProvider time, CancellationToken cancellation)
    {
        if (Find(sites, site) is not { } known)
        {
            return Unknown(site);
        }

        var query = new Query(request.Query, time.GetUtcNow()).Only("from", "to", "interval");
        var (from, to) = query.Range();
        var interval = query.Interval("PT1H", from, to);
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        return await Answer(async () =>
        {
            var hidden = HiddenDoors(known);
            var points = (await PassageAnswers.PassagesAsync(series, known, from, to, interval, time.GetUtcNow(), cancellation)).Where(p => !hidden.Contains(p.Portal)).ToArray();
            return points.Length > Limits.AnswerPoints
                ? Problems.BadRequest($"more than {Limits.AnswerPoints} points; take a longer interval or a shorter time between from and to")
                : await Negotiated.OrJsonAsync(request, new PassageHistory(points), points, PassageTable, $"{site}-passages");
        });
    }

    private static async Task<IResult> CrowdingOf(
        string site, HttpRequest request, ISitesDirectory sites, ISeriesStore series, TimeProvider time, CancellationToken cancellation)
    {
        if (Find(sites, site) is not { } known)
        {
            return Unknown(site);
        }

        var query = new Query(request.Query, time.GetUtcNow()).Only("from", "to");
        var (from, to) = query.Range();
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        return await Answer(async () =>
        {
            var cells = await OccupancyAnswers.CrowdingAsync(series, known, from, to, time.GetUtcNow(), cancellation);
            return await Negotiated.OrJsonAsync(request, new Crowding(cells), cells, CrowdingTable, $"{site}-crowding");
        });
    }

    internal static async Task<IResult> Answer(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (SeriesUnavailableException e)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, e.Message);
        }
    }

    internal static Site? Find(ISitesDirectory sites, string id) => sites.Current.Sites.FirstOrDefault(s => s.Id == id);

    internal static IResult Unknown(string site) =>
        Problems.NotFound($"there is no site {(site.Length > 64 ? site[..64] + "..." : site)}; GET /v1/sites lists them");

    /// <summary>The doors of private rooms: their passages would tell how many are in one.</summary>
    internal static HashSet<string> HiddenDoors(Site site)
    {
        var rooms = site.Zones.Where(z => z.Private).Select(z => z.Id).ToHashSet();
        return [.. site.Portals.Where(p => rooms.Contains(p.From) || rooms.Contains(p.To)).Select(p => p.Id)];
    }

    internal static void Series<T>(this RouteHandlerBuilder route) =>
        route.Produces<T>(200, "application/json", Negotiated.CsvType, Negotiated.ParquetType).ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
}
