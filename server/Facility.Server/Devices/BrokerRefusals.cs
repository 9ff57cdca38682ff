using Facility.Contracts.Rest;
using Facility.Domain.Devices;
using Facility.Server.Pipeline;

namespace Facility.Server.Devices;

/// <summary>What the embedded broker refused of each device, the last ten; of at most 1,000 devices, and since the start of the server.</summary>
public sealed class BrokerRefusals(TimeProvider time, ILogger<BrokerRefusals> logger)
{
    private const int MostDevices = 1000;
    private const int MostShown = 200;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Queue<DeviceRefusal>> refused = [];

    /// <param name="what">A topic or a client id, as sent.</param>
    public void Note(Visitor who, string what, string why)
    {
        var shown = Shown(what);
        if (who.Device is not { } device)
        {
            logger.LogDebug("The broker refused a program of this machine: {What}: {Why}", shown, why);
            return;
        }

        lock (gate)
        {
            if (!refused.TryGetValue(device, out var last))
            {
                if (refused.Count == MostDevices)
                {
                    return;
                }

                refused[device] = last = [];
                logger.LogWarning("The broker refused {Device}: {What}: {Why}. More of it is at GET /v1/devices/{Device}/refused", device, shown, why, device);
            }

            last.Enqueue(new DeviceRefusal(time.GetUtcNow(), "not-allowed", 0, $"{shown}: {why}"));
            if (last.Count > DeviceTally.MostRefusals)
            {
                last.Dequeue();
            }
        }
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<DeviceRefusal> Of(string device)
    {
        lock (gate)
        {
            return refused.TryGetValue(device, out var last) ? [.. last.Reverse()] : [];
        }
    }

    private static string Shown(string text) => new([.. text.Take(MostShown).Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format ? '?' : c)]);
}
