using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;

namespace Facility.Edge.Pipeline;

/// <summary>What a sensor tells: an event without its sensor.</summary>
internal readonly record struct Told(string Kind, double Value, long AtNs);

/// <summary>
/// A sensor with lines. It is given what happens in order of time and adds to <c>told</c> what is worth an event.
/// </summary>
internal interface ISensor
{
    /// <summary>The present level, 0 or 1; null for a counter, which has none.</summary>
    double? Level { get; }

    /// <summary>When <see cref="Settle"/> will have something to do; null when nothing is pending.</summary>
    long? DueNs { get; }

    /// <summary>The levels are known and what came before is not (at the start, or after lost edges).</summary>
    void Begin(ReadOnlySpan<bool> levels, long nowNs, List<Told> told);

    /// <summary>
    /// After the first <see cref="Begin"/>: a fault or a call that was told before a restart stands. A fault ends with the first evidence
    /// that the sensor works.
    /// </summary>
    void WasTold(string kind)
    {
    }

    /// <summary>A line changed, not yet debounced.</summary>
    void Edge(int line, long atNs, List<Told> told)
    {
    }

    /// <summary>A line has a new level that held for its debounce.</summary>
    void Step(int line, bool level, long atNs, List<Told> told);

    void Settle(long nowNs, List<Told> told)
    {
    }
}

/// <summary>Which sensor a configuration is.</summary>
internal static class Sensor
{
    public static ISensor For(SensorConfig config) => (config.Kind, config.Counter) switch
    {
        (EventKinds.Passage, Counter.Pulses) => new PulseCounter(),
        (EventKinds.Passage, _) => new BeamCounter((long)config.Lines[0].Debounce.TotalNanoseconds, config.Counter == Counter.OneBeam),
        (EventKinds.Presence, _) => new PresenceOutput((long)config.Hold.TotalNanoseconds, (long?)config.Stuck?.TotalNanoseconds),
        (EventKinds.Button, _) when config.Cancel is { } cancel => new CallButton((long)cancel.TotalNanoseconds),
        _ => new Switch(config.Kind),
    };
}

/// <summary>A sensor's fault: 1 when it begins, 0 when it ends.</summary>
internal struct FaultTeller
{
    public bool IsFault { get; private set; }

    public void WasTold(string kind) => IsFault |= kind == EventKinds.Fault;

    public void Tell(bool isFault, long atNs, List<Told> told)
    {
        if (isFault != IsFault)
        {
            IsFault = isFault;
            told.Add(new Told(EventKinds.Fault, isFault ? 1 : 0, atNs));
        }
    }
}
