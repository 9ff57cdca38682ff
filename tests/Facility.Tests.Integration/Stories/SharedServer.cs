namespace Facility.Tests.Integration.Stories;

/// <summary>One server for tests that end nothing; each has a site of its own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    internal RealServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RealServer.StartAsync();

    public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
