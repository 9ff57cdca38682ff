namespace Facility.Edge;

/// <summary>What the command line says.</summary>
/// <param name="Script">What to simulate: a recorded day or counter; null for a play of its own.</param>
/// <param name="Speed">Null is as fast as it can be taken.</param>
internal sealed record EdgeOptions(
    FileInfo Config, bool Simulate, FileInfo? Script, double? Speed, string? Data, TimeZoneInfo Zone, int Seed, bool Typed, bool ExitWhenDone);

/// <summary>Something a person must correct before this can start: exit code 2.</summary>
internal sealed class StartException(string message) : Exception(message);
