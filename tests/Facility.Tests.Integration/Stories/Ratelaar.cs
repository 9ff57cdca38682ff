using System.Net.Http.Json;
using Facility.Contracts.Rest;

namespace Facility.Tests.Integration.Stories;

/// <summary>What the API of a server tells of ratelaar.</summary>
internal static class Ratelaar
{
    public static async Task<int> PassagesAsync(HttpClient api)
    {
        var answer = await api.GetAsync("/v1/sites/ratelaar/passages");
        return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<PassageHistory>())!.Points.Sum(p => p.In) : -1;
    }

    /// <summary>Whether the interval of the whole building holds this many people.</summary>
    public static async Task<bool> HoldsAsync(HttpClient api, int people)
    {
        var live = (await api.GetFromJsonAsync<SiteOccupancy>("/v1/sites/ratelaar/occupancy"))!.Zones.Single(z => z.Zone == "site");
        return live.Low <= people && people <= live.High;
    }
}
