using Facility.Edge.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Facility.Edge;

/// <summary>
/// A new configuration for a running agent. A right one ends all parts cleanly, and <see cref="Agent"/> begins them again with
/// it; a wrong one is told, and what runs goes on.
/// </summary>
internal sealed class Reload(Func<EdgeConfig> read, IHostApplicationLifetime lifetime, ILogger<Reload> log)
{
    private volatile EdgeConfig? _next;

    /// <summary>What to begin again with; null when the agent is to end.</summary>
    public EdgeConfig? Next => _next;

    public void Request()
    {
        try
        {
            var next = read();
            log.LogInformation("Reload: the configuration is right, with {Count} sensors; beginning again with it", next.Sensors.Count);
            _next = next;
            lifetime.StopApplication();
        }
#pragma warning disable CA1031 // Whatever it is: a signal or a command asks for this, and what runs must go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            foreach (var problem in e is ConfigException wrong ? wrong.Problems : [e.Message])
            {
                log.LogError("Reload: the configuration is refused: {Problem}", problem);
            }

            log.LogWarning("Reload: the configuration from before stays");
        }
    }
}

/// <summary>Systemd is not told that we stop when we begin again: it would end us for not being gone in time.</summary>
internal sealed class NotifierOverReloads(ISystemdNotifier systemd, Func<bool> isReload) : ISystemdNotifier
{
    public bool IsEnabled => systemd.IsEnabled;

    public void Notify(ServiceState state)
    {
        if (state.ToString() != ServiceState.Stopping.ToString() || !isReload())
        {
            systemd.Notify(state);
        }
    }
}
