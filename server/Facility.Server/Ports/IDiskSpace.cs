namespace Facility.Server.Ports;

/// <summary>The disk that the server's data is on.</summary>
public interface IDiskSpace
{
    /// <summary>Percent of it that is free to this process; null where it cannot be told.</summary>
    double? FreePercent { get; }
}
