using System.Globalization;

namespace Facility.Tests.Integration.Faults;

/// <summary>How long the fault suite runs, and its seed; <c>./test faults</c> sets them by environment variables.</summary>
/// <param name="Length">At least so long, where no kills are asked for.</param>
/// <param name="Kills">Processes to kill (-9) at least; 0 where the time says when it ends.</param>
/// <param name="Events">Events to make at least.</param>
/// <param name="Seed">Of the choice of faults and their moments. How the processes then interleave is the machine's.</param>
internal sealed record FaultPlan(TimeSpan Length, int Kills, long Events, int Seed)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(15);

    public bool IsShort => Kills == 0 && Length <= Short;

    /// <summary>The one store to run with, or null for each.</summary>
    public static string? OnlyStore => Text("STORE") is { Length: > 0 } store ? store : null;

    public static FaultPlan FromEnvironment()
    {
        var (kills, events, length) = (Number("KILLS"), Number("EVENTS"), Text("LENGTH"));
        return new FaultPlan(
            length is "" or "short" ? Short : TimeSpan.FromSeconds(Number("LENGTH")), (int)Math.Max(kills, events > 0 ? 1 : 0), events,
            Text("SEED").Length > 0 ? (int)Number("SEED") : 4);
    }

    /// <summary>How many events may have been made by now, so that kills and events come to their ends together.</summary>
    public long Pace(TimeSpan passed, int kills) => Kills == 0
        ? Math.Max(Events, (long)(1500 * passed.TotalSeconds))
        : Math.Max(1, Math.Max(Events, 20_000)) * Math.Min(Kills, kills + 5) / Kills;

    public bool IsOver(TimeSpan passed, int kills, long events) => Kills == 0 ? passed >= Length : kills >= Kills && events >= Events;

    private static string Text(string name) => Environment.GetEnvironmentVariable("FACILITY_FAULTS_" + name) ?? "";

    private static long Number(string name) => Text(name).Length == 0 ? 0 : long.Parse(Text(name), CultureInfo.InvariantCulture);
}
