using Facility.Edge;
using Facility.Edge.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Facility.Tests.Unit.Edge;

public sealed class ReloadTests
{
    public static TheoryData<Exception> Troubles =>
        [new IOException("no disk"), new UnauthorizedAccessException("no disk"), new InvalidOperationException("no disk"), new ConfigException(["no disk"])];

    [Theory]
    [MemberData(nameof(Troubles))]
    public void Whatever_goes_wrong_with_a_new_configuration_is_told_and_what_runs_goes_on(Exception trouble)
    {
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var told = new Lines();
        var reload = new Reload(() => throw trouble, lifetime, told);
        reload.Request();
        Assert.Equal((null, false), (reload.Next, lifetime.ApplicationStopping.IsCancellationRequested));
        Assert.Contains("Reload: the configuration is refused: no disk", told.All);
    }

    [Fact]
    public void A_right_configuration_is_taken_after_one_that_could_not_be_read()
    {
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var right = ConfigReader.Read("""{"site":"s","device":"d","broker":{"url":"mqtt://localhost"},"gpio":{},"sensors":[{"id":"help","kind":"button","pin":7}]}""", false);
        var readings = new Queue<Func<EdgeConfig>>([() => throw new IOException("no disk"), () => right]);
        var reload = new Reload(() => readings.Dequeue()(), lifetime, NullLogger<Reload>.Instance);
        reload.Request();
        reload.Request();
        Assert.Equal((right, true), (reload.Next, lifetime.ApplicationStopping.IsCancellationRequested));
    }

    private sealed class Lines : ILogger<Reload>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
