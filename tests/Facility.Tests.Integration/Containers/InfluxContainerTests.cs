using DotNet.Testcontainers.Containers;
using Facility.Server.Adapters;
using Facility.Server.Ports;
using Facility.Tests.Integration.Series;
using Facility.Tests.Integration.Services;

namespace Facility.Tests.Integration.Containers;

/// <summary>One InfluxDB in a container for all tests of a class.</summary>
/// <remarks>Started by the first test, not by xunit: what a class fixture skips while it starts, xunit counts as failed.</remarks>
public sealed class InfluxContainer : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private IContainer? _container;

    internal async Task<Uri> UrlAsync()
    {
        _container ??= await DockerEngine.RunAsync("influxdb", "influxdb:1.8", 8086, builder => builder);
        var url = new Uri($"http://{_container.Hostname}:{_container.GetMappedPublicPort(8086)}");
        await Until.TrueAsync("InfluxDB in its container answers", () => AnswersAsync(url), TimeSpan.FromSeconds(60));
        return url;
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }
    }

    private static async Task<bool> AnswersAsync(Uri url)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(url, "ping"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}

/// <summary>The whole contract of the series stores against InfluxDB in a container.</summary>
[Trait("length", "long")]
public sealed class InfluxContainerTests(InfluxContainer container) : SeriesStoreContract, IClassFixture<InfluxContainer>
{
    internal override async Task<ISeriesStore> OpenAsync() =>
        new InfluxSeriesStore(new InfluxOptions(await container.UrlAsync(), $"test_{Guid.NewGuid():N}"), new SetAside());
}
