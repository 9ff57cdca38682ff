namespace Facility.Tests.Integration.Faults;

/// <summary>An event as its device has it on its disk.</summary>
/// <param name="At">Milliseconds since 1970; null where the device's clock was not set, so that the server decides.</param>
internal readonly record struct Made(long Seq, long? At, string Sensor, string Kind, double Value);

/// <summary>All events of one stream that were made and not lost with a device's disk, by number.</summary>
internal sealed record MadeStream(string Site, string Device, Guid Stream, IReadOnlyList<Made> Events);
