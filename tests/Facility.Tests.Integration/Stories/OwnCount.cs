using System.Net.Http.Json;
using Facility.Contracts.Rest;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Stories;

/// <summary>A person counts heads, and the real server keeps that.</summary>
public sealed class OwnCount
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_count_nearly_settles_the_estimate_and_a_server_that_is_killed_at_once_still_has_it()
    {
        using var folder = new TemporaryFolder();
        var (http, mqtt) = (Here.FreePort(), Here.FreePort());
        string[] options = ["--data", folder["d"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{mqtt}"];
        using var api = Api.Client(http, folder["d"]);
        await using (var server = await RunningProgram.ReadyServerAsync(http, options))
        {
            using var answer = await api.PostAsJsonAsync("/v1/sites/ratelaar/counts", new { zone = "hall", people = 37 });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            await server.KillAsync();
        }

        await using var again = await RunningProgram.ReadyServerAsync(http, options);
        await again.UntilAsync(async () => await HallAsync() is { Estimate: >= 35 and <= 39, High: <= 42 }, Soon);

        async Task<ZoneOccupancy> HallAsync() =>
            (await api.GetFromJsonAsync<SiteOccupancy>("/v1/sites/ratelaar/occupancy"))!.Zones.Single(z => z.Zone == "hall");
    }
}
