namespace Facility.Edge.Ports;

/// <summary>A light on the device, by which a person finds it.</summary>
public interface IBeacon
{
    /// <summary>Blinks, and then is as it was.</summary>
    /// <exception cref="IOException">There is no light, or it may not be used; the message says why.</exception>
    Task BlinkAsync(TimeSpan duration);
}
