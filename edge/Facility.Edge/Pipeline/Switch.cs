using Facility.Contracts.Mqtt;
using Facility.Edge.Domain;

namespace Facility.Edge.Pipeline;

/// <summary>A level as it is: a contact, a thing in its place, a tamper switch, a fire panel, a button without a call to keep.</summary>
internal sealed class Switch(string kind) : ISensor
{
    private bool _active;

    public double? Level => _active ? 1 : 0;

    public long? DueNs => null;

    public void Begin(ReadOnlySpan<bool> levels, long nowNs, List<Told> told) => _active = levels[0];

    public void Step(int line, bool level, long atNs, List<Told> told)
    {
        _active = level;
        told.Add(new Told(kind, level ? 1 : 0, atNs));
    }
}

/// <summary>An assistance button whose call stands until it is cancelled; see <see cref="Call"/>.</summary>
internal sealed class CallButton(long cancelNs) : ISensor
{
    private Call _call;

    public double? Level => _call.Stands ? 1 : 0;

    public long? DueNs => _call.DueNs(cancelNs);

    /// <remarks>A button that is pressed now may be a call that began unseen; a call that stands goes on.</remarks>
    public void Begin(ReadOnlySpan<bool> levels, long nowNs, List<Told> told) => _call = new Call(_call.Stands || levels[0], null);

    public void WasTold(string kind) => _call = _call with { Stands = _call.Stands || kind == EventKinds.Button };

    public void Step(int line, bool level, long atNs, List<Told> told)
    {
        (_call, var called) = _call.Step(level, atNs);
        if (called)
        {
            told.Add(new Told(EventKinds.Button, 1, atNs));
        }
    }

    public void Settle(long nowNs, List<Told> told)
    {
        (_call, var cancelled) = _call.Settle(nowNs, cancelNs);
        if (cancelled)
        {
            told.Add(new Told(EventKinds.Button, 0, nowNs));
        }
    }
}
