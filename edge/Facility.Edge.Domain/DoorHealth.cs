namespace Facility.Edge.Domain;

/// <summary>
/// Whether the two beams of a door can be believed. Not when, for 45 s,
/// <list type="bullet">
/// <item><b>blocked</b>: the door was never clear. It ends when it is clear.</item>
/// <item><b>flickering</b>: one beam changed without rest and without the other (<see cref="Unrest"/>). It ends with a rest, ten
/// seconds at most.</item>
/// <item><b>silent</b>: one beam was broken five times or more, and the other not once. It ends when a visit breaks both.</item>
/// </list>
/// 45 s: someone may stand in a beam for 30 s, and a fault is told within 60 s.
/// </summary>
/// <param name="Alone">How many visits in succession broke one beam alone: positive the first, negative the second.</param>
/// <param name="AloneSinceNs">When the first of them began.</param>
public readonly record struct DoorHealth(int Alone, long AloneSinceNs, Unrest Unrest)
{
    /// <summary>How long a trouble may last before it is a fault.</summary>
    public const long PatienceNs = 45_000_000_000;

    private const int MostAlone = 5;
    private const long EdgeWorthNs = 1_000_000_000;

    private long? SilentNs => Math.Abs(Alone) >= MostAlone ? AloneSinceNs + PatienceNs : null;

    /// <summary>A raw change of a beam.</summary>
    public DoorHealth Edge(int beam, long atNs) => this with { Unrest = Unrest.Step(beam, atNs, EdgeWorthNs) };

    /// <returns>The next state, and whether the visit's passage can be believed.</returns>
    public (DoorHealth Next, bool Believed) Ended(Visit visit, long nowNs)
    {
        var alone = visit.Alone == 0 ? 0 : Math.Sign(Alone) == visit.Alone ? Alone + visit.Alone : visit.Alone;
        return (
            this with { Alone = alone, AloneSinceNs = Math.Abs(alone) == 1 ? visit.SinceNs : AloneSinceNs },
            !Unrest.IsFlicker(nowNs) && visit.AtNs - visit.SinceNs < PatienceNs);
    }

    /// <summary>A beam that flickers says nothing about its partner's silence.</summary>
    public DoorHealth Settle(long nowNs) => Unrest.IsFlicker(nowNs) ? this with { Alone = 0 } : this;

    public bool IsFault(DoorState door, long nowNs) =>
        door.SinceNs + PatienceNs <= nowNs || SilentNs <= nowNs || Unrest.IsFlicker(nowNs);

    /// <summary>When <see cref="IsFault"/> may change next by itself; null when it will not.</summary>
    public long? DueNs(DoorState door, bool isFault, long nowNs) => isFault
        ? Unrest.DueNs(nowNs)
        : Due.Earlier(Due.Earlier(door.SinceNs + PatienceNs, SilentNs), Unrest.DueNs(nowNs));
}
