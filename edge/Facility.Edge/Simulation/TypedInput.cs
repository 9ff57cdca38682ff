namespace Facility.Edge.Simulation;

/// <summary>Lines that are typed, for one play after the other: a line asked for by a play that ended is the next one's.</summary>
internal sealed class TypedInput(TextReader input)
{
    private Task<string?>? _reading;

    /// <returns>Null at the end.</returns>
    public async Task<string?> ReadLineAsync(CancellationToken cancel)
    {
        // Reading a console blocks its thread, and cannot be cancelled.
        _reading ??= Task.Run(input.ReadLine, CancellationToken.None);
        var line = await _reading.WaitAsync(cancel).ConfigureAwait(false);
        _reading = null;
        return line;
    }
}
