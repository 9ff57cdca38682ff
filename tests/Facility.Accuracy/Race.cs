using Facility.Contracts.Places;
using Facility.Domain.Occupancy;

namespace Facility.Accuracy;

/// <summary>What one zone of a trial gave.</summary>
internal sealed record Result(string Zone, double Raw, double Midnight, double Presence, Score Live, Score Reconciled)
{
    public double Best => Math.Min(Raw, Math.Min(Midnight, Presence));

    /// <summary>An error by that of the best plain counter; beside a counter that is right, which an error cannot be divided by, by a hundredth of a person.</summary>
    public double Ratio(Score score) => score.Error / Math.Max(0.01, Best);
}

/// <summary>Runs the estimator and the plain counters over one trial.</summary>
internal sealed class Race(Trial trial)
{
    public IEnumerable<Result> Run()
    {
        var zones = trial.Truth.Keys.Where(z => z != Site.WholeSite || trial.Site.Zones.Count > 1).ToArray();
        var scores = zones.ToDictionary(z => z, _ => (Raw: new Score(), Midnight: new Score(), Presence: new Score(), Live: new Score(), Reconciled: new Score()));
        var estimator = new BayesEstimator(trial.Site);
        var counters = new Counters(trial);
        var hindsight = new Hindsight(trial);
        var next = 0;
        var rows = trial.Truth[zones[0]];
        for (var i = 0; i < rows.Length; i++)
        {
            for (; next < trial.Observations.Length && trial.Observations[next].Received <= rows[i].At; next++)
            {
                estimator.Advance(trial.Observations[next].Received);
                estimator.Observe(trial.Observations[next]);
                counters.Advance(trial.Observations[next].Received);
                counters.Observe(trial.Observations[next]);
            }

            counters.Advance(rows[i].At);
            estimator.Advance(rows[i].At);
            var read = estimator.Read();
            foreach (var zone in zones)
            {
                var truth = trial.Truth[zone][i].People;
                var e = read.First(r => r.Zone == zone);
                var (raw, midnight, presence) = (counters.Raw[zone], counters.Midnight[zone], counters.Presence[zone]);
                scores[zone].Raw.Add(truth, raw, raw, raw);
                scores[zone].Midnight.Add(truth, midnight, midnight, midnight);
                scores[zone].Presence.Add(truth, presence, presence, presence);
                scores[zone].Live.Add(truth, e.Estimate, e.Low, e.High);
                var h = hindsight.At(zone, rows[i].At);
                scores[zone].Reconciled.Add(truth, h.Estimate, h.Low, h.High);
            }
        }

        return zones.Select(z => new Result(z, scores[z].Raw.Error, scores[z].Midnight.Error, scores[z].Presence.Error, scores[z].Live, scores[z].Reconciled));
    }
}
