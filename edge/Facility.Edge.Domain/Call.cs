namespace Facility.Edge.Domain;

/// <summary>
/// A call for assistance that stands after the button is released, until a long press cancels it.
/// <code>
/// button  ___|‾|_______|‾|______|‾‾‾‾‾‾‾‾‾‾‾‾|____
/// cancel                        |------|
/// call    ___|‾‾‾‾‾‾‾‾‾|‾‾‾‾‾‾‾‾|‾‾‾‾‾‾|__________     each press calls again: someone may still be waiting
/// </code>
/// </summary>
/// <param name="Stands">Someone has called.</param>
/// <param name="PressedNs">Since when a press lasts that may cancel; null when there is none.</param>
/// <remarks>The press that begins a call never cancels it: who is in need may hold on to the button.</remarks>
public readonly record struct Call(bool Stands, long? PressedNs)
{
    public long? DueNs(long cancelNs) => PressedNs + cancelNs;

    /// <returns>The next state and whether it is a call.</returns>
    public (Call Next, bool Called) Step(bool pressed, long atNs) => pressed
        ? (new Call(true, Stands ? atNs : null), true)
        : (this with { PressedNs = null }, false);

    /// <returns>The next state and whether the call is cancelled.</returns>
    public (Call Next, bool Cancelled) Settle(long nowNs, long cancelNs) =>
        DueNs(cancelNs) <= nowNs ? (default, true) : (this, false);
}
