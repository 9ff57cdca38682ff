using Facility.Contracts.Mqtt;

namespace Facility.Domain.Ingestion;

/// <summary>When an event happened, as the server journals it (contract, section 2.1).</summary>
public static class EventTime
{
    // What every store and calendar computes with; nanoseconds since 1970 end in 2262. A clock that says otherwise is not set.
    private static readonly DateTimeOffset First = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset Last = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <returns>
    /// The device's time where its clock was set, and is within 1970 to 2200. Else the time of receipt less the event's age
    /// by the device's own clock; the time of receipt where even that is beyond them. Uncertain in both.
    /// </returns>
    public static (DateTimeOffset At, bool Certain) Of(in DeviceEvent e, bool clockSynced, DateTimeOffset sentAt, DateTimeOffset received)
    {
        if (e.Problem == SetAside.BadTime)
        {
            return (received, false);
        }

        if (clockSynced && e.At >= First && e.At < Last)
        {
            return (e.At, true);
        }

        var ticks = received.UtcTicks - (sentAt - e.At).Ticks;
        return ticks >= First.UtcTicks && ticks < Last.UtcTicks
            ? (new DateTimeOffset(ticks, TimeSpan.Zero), false)
            : (received, false);
    }
}
