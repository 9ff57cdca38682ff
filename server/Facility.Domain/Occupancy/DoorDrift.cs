namespace Facility.Domain.Occupancy;

/// <summary>Whether a door has come to count worse in one direction: its balance of in and out, day by day.</summary>
/// <remarks>
/// <para>As many people come out as went in, so that a door's daily balance has a steady share of its passages: its errors,
/// and how people choose between doors. Mean and variance of that share are learned; a two-sided CUSUM of the standardized
/// residual (Page, "Continuous inspection schemes", Biometrika 41, 1954) tells a lasting shift from chance. Slack
/// and limit give about two false alarms in three door-years, mean and variance being learned, and find a shift of two and a half
/// deviations (8% of 150, at a door that misses 7%) within three days seven times in eight: <c>tests/Facility.Accuracy</c> counts them.</para>
/// <para>The first week teaches only. A day of few passages says nothing. What is worse stays so for
/// <see cref="Worse"/> until its balance has been as before for a week, or has been learned anew.</para>
/// </remarks>
internal sealed record DoorDrift
{
    private const double Slack = 1.1;
    private const double Limit = 2.7;
    private const int LearningDays = 7;
    private const int MemoryDays = 90;
    private const int FewPassages = 20;

    // Of a door that misses one person in twenty, a passage; it stands for three days of evidence.
    private const double PriorVariance = 0.1;
    private const int PriorDays = 3;

    public long In { get; set; }

    public long Out { get; set; }

    public int Days { get; set; }

    public double Share { get; set; }

    public double Variance { get; set; } = PriorVariance;

    public double Up { get; set; }

    public double Down { get; set; }

    /// <summary>Positive: it has come to count fewer out, or more in; negative: the reverse; 0: as ever.</summary>
    public int Worse { get; set; }

    public void Pass(int persons) => (In, Out) = (In + Math.Max(0, persons), Out + Math.Max(0, -persons));

    /// <summary>The day is over.</summary>
    public void Night()
    {
        var passages = (double)(In + Out);
        var balance = In - Out;
        (In, Out) = (0, 0);
        if (passages < FewPassages)
        {
            return;
        }

        var residual = balance - (Share * passages);
        var z = residual / Math.Sqrt(Variance * passages);
        if (Days >= LearningDays)
        {
            (Up, Down) = (Math.Clamp(Up + z - Slack, 0, 2 * Limit), Math.Clamp(Down - z - Slack, 0, 2 * Limit));
            Worse = Up > Limit ? 1 : Down > Limit ? -1 : Up == 0 && Down == 0 ? 0 : Worse;
            // A day out of the ordinary teaches little, or the shift would be learned before it is seen.
            residual = Math.Clamp(residual, -2 * Math.Sqrt(Variance * passages), 2 * Math.Sqrt(Variance * passages));
        }

        Days++;
        var weight = 1.0 / Math.Min(Days, MemoryDays);
        Share += weight * residual / passages;
        var seen = residual * residual / passages * (Days > 1 ? Days / (Days - 1.0) : 0);
        Variance += (seen - Variance) / (PriorDays + Math.Min(Days, MemoryDays));
    }
}
