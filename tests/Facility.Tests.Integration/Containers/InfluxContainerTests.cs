using DotNet.Testcontainers.Containers;
using Facility.Server.Adapters;
using Facility.Server.Ports;
using Facility.Tests.Integration.Series;
using Facility.Tests.Integration.Services;

namespace Facility.Tests.Integration.Containers;

/// <summary>One InfluxDB in a container for all tests of a class.</summary>
public sealed class InfluxContainer : IAsyncLifetime
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private IContainer? _container;

    internal Uri Url { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _container = await DockerEngine.RunAsync("influxdb", "influxdb:1.8", 8086, builder => builder);
        Url = new Uri($"http://{_container.Hostname}:{_container.GetMappedPublicPort(8086)}");
        await Until.TrueAsync("InfluxDB in its container answers", AnswersAsync, TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(Url, "ping"));
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
    internal override Task<ISeriesStore> OpenAsync() =>
        Task.FromResult<ISeriesStore>(new InfluxSeriesStore(new InfluxOptions(container.Url, $"test_{Guid.NewGuid():N}"), new SetAside()));
}
