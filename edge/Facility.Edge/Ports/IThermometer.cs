namespace Facility.Edge.Ports;

/// <summary>Reads temperatures in degrees Celsius.</summary>
public interface IThermometer
{
    /// <exception cref="IOException">It cannot be read; the message says why.</exception>
    double Read(string sensor, string? file);

    /// <summary>There is a value worth reading before its turn. Only signal.</summary>
    event Action? Changed;
}
