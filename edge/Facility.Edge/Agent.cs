using System.Runtime.InteropServices;
using Facility.Edge.Configuration;
using Facility.Edge.Pipeline;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Facility.Edge;

/// <summary>
/// The agent for as long as its process lives: begun again at each reload (by command, or SIGHUP). Events made before are in the
/// outbox, and levels are told anew at the start; a person who is in a door during the break is not counted.
/// </summary>
/// <remarks>A new configuration that cannot be begun with, for a pin that another program has or a folder that may not be written to, gives way to the one before.</remarks>
internal static class Agent
{
    /// <exception cref="ConfigException">The first configuration is wrong.</exception>
    public static async Task<int> RunAsync(Func<EdgeConfig> read, EdgeOptions options)
    {
        Reload? current = null;
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Volatile.Read(ref current)?.Request();
        });
        for (EdgeConfig? config = read(), before = null; ;)
        {
            IHost? host = null;
            try
            {
                host = Wiring.Build(config, options, read);
                host.Services.GetRequiredService<SensorPipeline>().Claim();
            }
            // Whatever it is: with the one before it ran.
            catch (Exception e) when (before is not null)
            {
                await Console.Error.WriteLineAsync($"Reload: the configuration cannot be begun with: {e.Message}. The one from before is taken again").ConfigureAwait(false);
                host?.Dispose();
                (config, before) = (before, null);
                continue;
            }

            var reload = host.Services.GetRequiredService<Reload>();
            Volatile.Write(ref current, reload);
            await host.RunAsync(CancellationToken.None).ConfigureAwait(false);
            if (reload.Next is not { } next)
            {
                return Environment.ExitCode;
            }

            (before, config) = (config, next);
        }
    }
}
