using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Places;

namespace Facility.Domain.Alerts;

/// <summary>A time that a condition stood; it still does where there is no end.</summary>
public sealed record ConditionSpan(string Rule, string Cause, DateTimeOffset Began, DateTimeOffset? Ended);

/// <summary>How many minutes an AED was ready, and why not for the others: each counts for the first cause of <see cref="ReadinessRow"/>.</summary>
public static class Readiness
{
    /// <summary>Rules whose spans it is made of.</summary>
    public static readonly IReadOnlyList<string> Rules =
    [
        AlertRule.AedTaken, AlertRule.AedExpired, AlertRule.AedTemperature, AlertRule.Tamper, AlertRule.SensorFault, AlertRule.DeviceSilent,
        CabinetRules.Known, CabinetRules.Unchecked,
    ];

    public static ReadinessRow Of(SitePlan plan, Cabinet cabinet, IReadOnlyList<ConditionSpan> spans, DateTimeOffset from, DateTimeOffset to)
    {
        var sensors = CabinetRules.Sensors(cabinet).ToHashSet();
        var devices = sensors.Select(s => plan.Sensor(s)?.Device).ToHashSet();
        var known = spans.Where(s => s.Rule == CabinetRules.Known && s.Cause == cabinet.Id).Select(s => s.Began).DefaultIfEmpty(to).Min();
        var edges = new List<(DateTimeOffset At, int Cause, int Step)>();
        Add(from, known, 5);
        foreach (var s in spans)
        {
            Add(s.Began, s.Ended ?? to, CauseOf(s));
        }

        var (minutes, standing, at) = (new double[7], new int[6], from);
        foreach (var (next, cause, step) in edges.OrderBy(e => e.At))
        {
            minutes[First()] += (next - at).TotalMinutes;
            standing[cause] += step;
            at = next;
        }

        minutes[First()] += (to - at).TotalMinutes;
        return new ReadinessRow(
            cabinet.Id, (to - from).TotalMinutes, minutes[6], minutes[0], minutes[1], minutes[2], minutes[3], minutes[4], minutes[5]);

        int First() => Array.FindIndex(standing, n => n > 0) is var i and >= 0 ? i : 6;

        void Add(DateTimeOffset began, DateTimeOffset ended, int cause)
        {
            var (start, end) = (began < from ? from : began, ended > to ? to : ended);
            if (cause >= 0 && start < end)
            {
                edges.Add((start, cause, 1));
                edges.Add((end, cause, -1));
            }
        }

        int CauseOf(ConditionSpan s) => s.Rule switch
        {
            AlertRule.AedTaken when s.Cause == cabinet.Id => 0,
            AlertRule.AedExpired when s.Cause == cabinet.Id + "-pads" || s.Cause == cabinet.Id + "-battery" => 1,
            AlertRule.AedTemperature when s.Cause == cabinet.Id => 2,
            AlertRule.Tamper when s.Cause == cabinet.Tamper => 3,
            CabinetRules.Unchecked when s.Cause == cabinet.Id => 4,
            AlertRule.SensorFault when sensors.Contains(s.Cause) => 5,
            AlertRule.DeviceSilent when devices.Contains(s.Cause) => 5,
            _ => -1,
        };
    }
}
