using System.Globalization;
using Facility.Edge.Pipeline;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace Facility.Edge;

/// <summary>
/// Tells systemd that the pipeline lives (sd_notify(3), <c>WATCHDOG=1</c>). Each ping needs a turn of the pipeline's loop since
/// the last one, so a pipeline that hangs, at a pin or at the disk, is started again although the process still runs.
/// </summary>
/// <param name="limit">How long systemd waits for a ping.</param>
/// <param name="turns">How often the pipeline went round.</param>
internal sealed class Watchdog(TimeSpan limit, Func<long> turns, ISystemdNotifier systemd, TimeProvider time) : IHostedService, IDisposable
{
    // One ping may be late by a wait of the pipeline and one look here, and must still be in time.
    private static readonly TimeSpan Shortest = 3 * SensorPipeline.LongestWait;

    /// <summary>What systemd says in WATCHDOG_USEC, microseconds; null when it does not watch.</summary>
    /// <exception cref="StartException">It is not a number, or shorter than the pipeline may wait.</exception>
    public static TimeSpan? LimitFrom(string? microseconds) => microseconds switch
    {
        null or "" => null,
        _ when uint.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= Shortest.TotalMicroseconds =>
            TimeSpan.FromMicroseconds(number),
        _ => throw new StartException($"WATCHDOG_USEC {microseconds} is not allowed; allowed is {Shortest.TotalMicroseconds} (WatchdogSec={Shortest.TotalSeconds}) to {uint.MaxValue}"),
    };

    private ITimer? _timer;
    private long _seen = -1;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => Look(), null, limit / 3, limit / 3);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        var now = turns();
        if (Interlocked.Exchange(ref _seen, now) != now)
        {
            systemd.Notify(new ServiceState("WATCHDOG=1"));
        }
    }
}
