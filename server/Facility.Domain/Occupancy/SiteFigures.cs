using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Contracts.Places;

namespace Facility.Domain.Occupancy;

/// <summary>What <see cref="SiteFigures"/> makes: quarters that are over, blocks that are over, and estimates said again.</summary>
public sealed class MadeFigures
{
    public List<(string Zone, OccupancySum Sum)> Quarters { get; } = [];

    public List<LevelBlock> Blocks { get; } = [];

    /// <summary>At the start of each block every zone's estimate again, so that no retention of changes leaves a quiet zone unknown.</summary>
    public List<(string Zone, EstimateStep Step)> Restated { get; } = [];
}

/// <summary>
/// Makes a site's quarter-hour figures of its live changes, as they come: each quarter once, when it is over. They equal what
/// <see cref="TimeWeighted"/> would make of the stored changes, to the millisecond. Not safe for threads.
/// </summary>
/// <param name="state">A <see cref="Snapshot"/>; null for a new site.</param>
public sealed class SiteFigures(byte[]? state = null)
{
    private readonly FigureState now = state is null
        ? new FigureState() : JsonSerializer.Deserialize(state, FigureJson.Default.FigureState) ?? new FigureState();

    /// <summary>A zone's estimate changed. In order of time.</summary>
    public void Take(string zone, EstimateStep step, MadeFigures made)
    {
        AdvanceTo(step.At, made);
        if (!now.Zones.TryGetValue(zone, out var known))
        {
            now.Zones[zone] = known = new ZoneState();
        }

        Hold(zone, known, TimeWeighted.Ms(step.At));
        known.Held = step;
        known.Since = TimeWeighted.Ms(step.At);
    }

    /// <summary>Time passes; quarters that are over by then are made.</summary>
    public void AdvanceTo(DateTimeOffset time, MadeFigures made)
    {
        var ms = TimeWeighted.Ms(time);
        if (now.Quarter == 0)
        {
            now.Quarter = TimeWeighted.Ms(QuarterHour.Floor(time));
        }

        for (; ms >= now.Quarter + QuarterHour.Ms; now.Quarter += QuarterHour.Ms)
        {
            Close(now.Quarter + QuarterHour.Ms, made);
        }
    }

    /// <summary>Only these zones are still there.</summary>
    public void Keep(IEnumerable<string> zones)
    {
        foreach (var gone in now.Zones.Keys.Except(zones).ToArray())
        {
            now.Zones.Remove(gone);
        }
    }

    public byte[] Snapshot() => JsonSerializer.SerializeToUtf8Bytes(now, FigureJson.Default.FigureState);

    private void Close(long end, MadeFigures made)
    {
        foreach (var (zone, known) in now.Zones)
        {
            Hold(zone, known, end);
            if (known.Sum.KnownMs > 0)
            {
                made.Quarters.Add((zone, known.Sum with { At = TimeWeighted.Time(now.Quarter) }));
            }

            known.Sum = default;
        }

        var length = (long)Levels.BlockLength.TotalMilliseconds;
        var block = now.Quarter - (now.Quarter % length);
        var text = new StringBuilder(now.Block);
        Levels.Append(text, (int)((now.Quarter - block) / QuarterHour.Ms), now.Persons);
        now.Block = text.ToString();
        now.Persons.Clear();
        if (end == block + length)
        {
            if (now.Block.Length > 0)
            {
                made.Blocks.Add(new LevelBlock(TimeWeighted.Time(block), now.Block));
            }

            now.Block = "";
            made.Restated.AddRange(now.Zones.Where(z => z.Value.Held is not null).Select(z => (z.Key, z.Value.Held!.Value with { At = TimeWeighted.Time(end) })));
        }
    }

    private void Hold(string zone, ZoneState known, long until)
    {
        if (known.Held is { } held && until > known.Since)
        {
            known.Sum = known.Sum.Plus(held, until - known.Since);
            if (zone == Site.WholeSite)
            {
                now.Persons[held.Estimate] = now.Persons.GetValueOrDefault(held.Estimate) + until - known.Since;
            }

            known.Since = until;
        }
    }

    internal sealed class FigureState
    {
        /// <summary>When the present quarter began, ms since 1970.</summary>
        public long Quarter { get; set; }

        public Dictionary<string, ZoneState> Zones { get; init; } = [];

        /// <summary>The present block as far as its quarters are over.</summary>
        public string Block { get; set; } = "";

        /// <summary>Of the whole site in the present quarter: persons and ms.</summary>
        public Dictionary<int, long> Persons { get; init; } = [];
    }

    internal sealed class ZoneState
    {
        public EstimateStep? Held { get; set; }

        /// <summary>Up to here it is in the sum.</summary>
        public long Since { get; set; }

        public OccupancySum Sum { get; set; }
    }
}

[JsonSerializable(typeof(SiteFigures.FigureState))]
internal sealed partial class FigureJson : JsonSerializerContext;
