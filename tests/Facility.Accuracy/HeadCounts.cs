using System.Globalization;

namespace Facility.Accuracy;

/// <summary>A true head count: how many people were in a room at each instant.</summary>
/// <param name="TimeZone">IANA name of its place.</param>
internal sealed record HeadCounts(string Name, string TimeZone, (DateTimeOffset At, int People)[] Rows)
{
    /// <summary>Reads every true head count of a folder.</summary>
    public static HeadCounts[] Load(string folder) =>
        [Sdu(folder, "sdu-room1"), Sdu(folder, "sdu-room2"), Robod(folder, "robod-room1")];

    private static HeadCounts Sdu(string folder, string name)
    {
        // The set numbers its days; which ones they were is not told.
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Copenhagen");
        var start = new DateTime(2026, 2, 2);
        return new(name, zone.Id, [.. Lines(folder, name).Select(f =>
        {
            var local = start.AddDays(int.Parse(f[0], CultureInfo.InvariantCulture)) + TimeSpan.Parse(f[1], CultureInfo.InvariantCulture);
            return (new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime(), (int)Math.Round(double.Parse(f[2], CultureInfo.InvariantCulture)));
        })]);
    }

    private static HeadCounts Robod(string folder, string name) =>
        new(name, "Asia/Singapore", [.. Lines(folder, name).Select(f =>
            (DateTimeOffset.Parse(f[0], CultureInfo.InvariantCulture).ToUniversalTime(), (int)Math.Round(double.Parse(f[1], CultureInfo.InvariantCulture))))]);

    private static IEnumerable<string[]> Lines(string folder, string name) =>
        File.ReadLines(Path.Combine(folder, name + ".csv")).Skip(1).Select(l => l.Split(','));
}
