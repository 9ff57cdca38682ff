using Facility.Edge.Domain;

namespace Facility.Edge.Ports;

/// <summary>The device's clocks.</summary>
public interface IEdgeClock
{
    ClockReading Read();
}
