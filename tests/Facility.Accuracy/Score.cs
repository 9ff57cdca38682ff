namespace Facility.Accuracy;

/// <summary>How far estimates lie from the truth, over every row of it.</summary>
internal sealed class Score
{
    private readonly List<(int Truth, int Estimate, int Low, int High)> _rows = [];

    public void Add(int truth, int estimate, int low, int high) => _rows.Add((truth, estimate, low, high));

    public double Error => _rows.Average(r => (double)Math.Abs(r.Estimate - r.Truth));

    /// <summary>The share of the rows in which the truth or the upper end is above zero whose truth lies within.</summary>
    public double Coverage => Open.Average(r => r.Low <= r.Truth && r.Truth <= r.High ? 1.0 : 0.0);

    public double Width => Open.Average(r => (double)(r.High - r.Low));

    /// <summary>The mean width that 90% would have needed: the same intervals, each stretched or shrunk about its estimate by one factor.</summary>
    public double Needed
    {
        get
        {
            var factors = Open.Select(r => r.Truth == r.Estimate ? 0 : r.Truth > r.Estimate
                ? (r.Truth - r.Estimate) / Math.Max(0.5, r.High - r.Estimate)
                : (r.Estimate - r.Truth) / Math.Max(0.5, r.Estimate - r.Low)).Order().ToArray();
            return factors[(int)(factors.Length * 0.9)] * Width;
        }
    }

    private IEnumerable<(int Truth, int Estimate, int Low, int High)> Open => _rows.Where(r => r.Truth > 0 || r.High > 0);
}
