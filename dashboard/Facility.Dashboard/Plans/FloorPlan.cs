using System.Globalization;
using Facility.Contracts.Places;

namespace Facility.Dashboard.Plans;

/// <summary>A corner, in metres; y downwards.</summary>
public readonly record struct Spot(double X, double Y);

/// <summary>A zone where it is.</summary>
/// <param name="Middle">Where its name stands.</param>
public sealed record PlacedRoom(Zone Zone, IReadOnlyList<Spot> Corners, Spot Middle)
{
    public string Points => string.Join(' ', Corners.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.X},{c.Y}")));
}

/// <summary>A door in the middle of a wall.</summary>
/// <param name="Upright">The wall goes up and down.</param>
public sealed record PlacedDoor(Portal Portal, Spot At, bool Upright);

/// <summary>
/// A site drawn from above: its zones by their corners in the sites file, or laid out by themselves where one has none: the zone with
/// most doors in the middle, the others above and below it. A door is in the longest wall that its two zones share, one to outside in
/// the longest wall that no zone shares.
/// </summary>
public sealed record FloorPlan(double Width, double Height, IReadOnlyList<PlacedRoom> Rooms, IReadOnlyList<PlacedDoor> Doors)
{
    public static FloorPlan Of(Site site)
    {
        var corners = site.Zones.Select(zone => Read(zone.Plan)).ToList();
        var rooms = (corners.TrueForAll(c => c is not null) ? site.Zones.Zip(corners, (zone, c) => (zone, c!)) : LaidOut(site))
            .Select(room => new PlacedRoom(room.Item1, room.Item2, Middle(room.Item2))).ToList();
        var doors = site.Portals.Select(portal => Place(portal, rooms)).OfType<PlacedDoor>().ToList();
        var all = rooms.SelectMany(room => room.Corners).DefaultIfEmpty().ToList();
        return new FloorPlan(all.Max(c => c.X), all.Max(c => c.Y), rooms, doors);
    }

    private static List<Spot>? Read(string? plan)
    {
        var corners = (plan ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(point => point.Split(',')).ToList();
        return corners.Count < 3 || corners.Exists(c => c.Length != 2) ? null : [.. corners.Select(c => new Spot(Number(c[0]), Number(c[1])))];
    }

    private static IEnumerable<(Zone, List<Spot>)> LaidOut(Site site)
    {
        const double Width = 24;
        const double Deep = 6;
        var hub = site.Zones.OrderBy(zone => zone.Private).ThenByDescending(zone => site.Portals.Count(p => p.From == zone.Id || p.To == zone.Id)).First();
        var others = site.Zones.Where(zone => zone != hub).OrderByDescending(Share).ToList();
        foreach (var (row, y) in new[] { (others.Where((_, i) => i % 2 == 0).ToList(), 0.0), (others.Where((_, i) => i % 2 == 1).ToList(), Deep + 4) })
        {
            var x = 0.0;
            foreach (var zone in row)
            {
                var wide = Share(zone) / row.Sum(Share) * Width;
                yield return (zone, Box(x, y, wide, Deep));
                x += wide;
            }
        }

        yield return (hub, Box(0, Deep, Width, 4));

        // A room for twice as many is drawn less than twice as wide, so that small ones can be read.
        static double Share(Zone zone) => Math.Sqrt(Math.Clamp(zone.Capacity ?? 10, 8, 200));
    }

    private static List<Spot> Box(double x, double y, double w, double h) => [new(x, y), new(x + w, y), new(x + w, y + h), new(x, y + h)];

    // The middle of its area (the shoelace formula).
    private static Spot Middle(IReadOnlyList<Spot> corners)
    {
        double area = 0, x = 0, y = 0;
        foreach (var (a, b) in Walls(corners))
        {
            var cross = (a.X * b.Y) - (b.X * a.Y);
            (area, x, y) = (area + cross, x + ((a.X + b.X) * cross), y + ((a.Y + b.Y) * cross));
        }

        return Math.Abs(area) < 1e-9 ? corners[0] : new Spot(x / (3 * area), y / (3 * area));
    }

    private static PlacedDoor? Place(Portal portal, List<PlacedRoom> rooms)
    {
        var sides = rooms.Where(room => room.Zone.Id == portal.From || room.Zone.Id == portal.To).ToList();
        var walls = portal.From == Site.Outside || portal.To == Site.Outside
            ? sides.Take(1).SelectMany(room => Walls(room.Corners)).Where(w => !rooms.Exists(other => other != sides[0] && Walls(other.Corners).Any(o => Shared(w, o) is not null)))
            : sides.Count == 2 ? Walls(sides[0].Corners).SelectMany(w => Walls(sides[1].Corners), Shared).OfType<(Spot A, Spot B)>() : [];
        return walls.OrderByDescending(w => Math.Round(Length(w), 2)).ThenByDescending(w => w.A.Y + w.B.Y)
            .Select(w => new PlacedDoor(portal, new Spot((w.A.X + w.B.X) / 2, (w.A.Y + w.B.Y) / 2), Math.Abs(w.A.X - w.B.X) < Math.Abs(w.A.Y - w.B.Y)))
            .FirstOrDefault();
    }

    private static IEnumerable<(Spot A, Spot B)> Walls(IReadOnlyList<Spot> corners) => corners.Select((corner, i) => (corner, corners[(i + 1) % corners.Count]));

    // What two straight walls, upright or level, have in common; slanting walls have no doors.
    private static (Spot A, Spot B)? Shared((Spot A, Spot B) one, (Spot A, Spot B) other)
    {
        if (one.A.X == one.B.X && other.A.X == other.B.X && one.A.X == other.A.X)
        {
            var (from, to) = Overlap(one.A.Y, one.B.Y, other.A.Y, other.B.Y);
            return to - from > 0.5 ? (new Spot(one.A.X, from), new Spot(one.A.X, to)) : null;
        }

        if (one.A.Y == one.B.Y && other.A.Y == other.B.Y && one.A.Y == other.A.Y)
        {
            var (from, to) = Overlap(one.A.X, one.B.X, other.A.X, other.B.X);
            return to - from > 0.5 ? (new Spot(from, one.A.Y), new Spot(to, one.A.Y)) : null;
        }

        return null;
    }

    private static (double From, double To) Overlap(double a, double b, double c, double d) =>
        (Math.Max(Math.Min(a, b), Math.Min(c, d)), Math.Min(Math.Max(a, b), Math.Max(c, d)));

    private static double Length((Spot A, Spot B) wall) => Math.Abs(wall.A.X - wall.B.X) + Math.Abs(wall.A.Y - wall.B.Y);

    private static double Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
