using Facility.Contracts.Mqtt;

namespace Facility.Domain.Ingestion;

/// <summary>When an event happened, as the server journals it (contract, section 2.1).</summary>
public static class EventTime
{
    /// <returns>
    /// The device's time where its clock was set. Else the time of receipt less the event's age by the device's own
    /// clock; the time of receipt where even that is no time. Uncertain in both.
    /// </returns>
    public static (DateTimeOffset At, bool Certain) Of(in DeviceEvent e, bool clockSynced, DateTimeOffset sentAt, DateTimeOffset received)
    {
        if (e.Problem == SetAside.BadTime)
        {
            return (received, false);
        }

        if (clockSynced)
        {
            return (e.At, true);
        }

        var ticks = received.UtcTicks - (sentAt - e.At).Ticks;
        return ticks >= DateTimeOffset.MinValue.UtcTicks && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? (new DateTimeOffset(ticks, TimeSpan.Zero), false)
            : (received, false);
    }
}
