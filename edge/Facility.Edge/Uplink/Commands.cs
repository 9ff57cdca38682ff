using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Ports;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Uplink;

/// <summary>Performs the commands that are not about a stream (contract, section 2).</summary>
internal sealed class Commands(EdgeConfig config, IBeacon beacon, Reload reload, ILogger<Commands> log)
{
    private static readonly TimeSpan Shown = TimeSpan.FromSeconds(15);
    private Task _showing = Task.CompletedTask;

    /// <returns>Whether it is known.</returns>
    public bool Obey(string command)
    {
        switch (command)
        {
            case DeviceCommand.Identify:
                // One that comes meanwhile has its effect already.
                _showing = _showing.IsCompleted ? IdentifyAsync() : _showing;
                return true;
            case DeviceCommand.Reload:
                reload.Request();
                return true;
            default:
                return false;
        }
    }

    private async Task IdentifyAsync()
    {
        try
        {
            log.LogInformation("This is {Device}, asked to identify itself: its light blinks for {Seconds} s", config.Device, Shown.TotalSeconds);
            await beacon.BlinkAsync(Shown).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            log.LogInformation("This is {Device}, asked to identify itself; it has no light to blink: {Why}", config.Device, e.Message);
        }
    }
}
