using Facility.Domain.Occupancy;
using Facility.Domain.Places;

namespace Facility.Accuracy;

/// <summary>The reconciled estimates of a trial, read forwards.</summary>
internal sealed class Hindsight
{
    private readonly Dictionary<string, (EstimateStep[] Steps, int Next)> _tracks;

    public Hindsight(Trial trial)
    {
        var zone = OpeningHours.ZoneOf(trial.Site);
        var steps = trial.Observations.Select(o => DayFact.Of(o)!.Value).GroupBy(f => Reconciler.DayOf(f.At, zone)).OrderBy(d => d.Key)
            .SelectMany(d => Reconciler.Reconcile(trial.Site, d, Reconciler.StartOf(d.Key, zone), Reconciler.StartOf(d.Key.AddDays(1), zone)));
        _tracks = steps.GroupBy(s => s.Zone).ToDictionary(g => g.Key, g => (g.Select(s => s.Step).ToArray(), 0));
    }

    public EstimateStep At(string zone, DateTimeOffset at)
    {
        if (!_tracks.TryGetValue(zone, out var track))
        {
            return default;
        }

        while (track.Next < track.Steps.Length && track.Steps[track.Next].At <= at)
        {
            track.Next++;
        }

        _tracks[zone] = track;
        return track.Next == 0 ? default : track.Steps[track.Next - 1];
    }
}
