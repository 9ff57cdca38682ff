namespace Facility.Domain.Devices;

/// <summary>How often a code may be guessed: failures of one address, and of all together, within the last minute. Not for threads.</summary>
/// <remarks>
/// At 100 a minute and ten open claims of 40 bits, ten minutes of guessing find one with a chance of one in 100 million. Bounded: an
/// address is remembered for a minute, and only as many as may fail.
/// </remarks>
public sealed class Attempts(int mostOfOne = 10, int mostOfAll = 100)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Queue<(string Address, DateTimeOffset At)> failed = [];

    /// <summary>How long this address must wait; null when it may try.</summary>
    public TimeSpan? Wait(string address, DateTimeOffset now)
    {
        while (failed.TryPeek(out var oldest) && now - oldest.At >= Window)
        {
            failed.Dequeue();
        }

        var own = failed.Where(f => f.Address == address).ToList();
        return own.Count >= mostOfOne ? own[^mostOfOne].At + Window - now
            : failed.Count >= mostOfAll ? failed.Peek().At + Window - now
            : null;
    }

    public void Failed(string address, DateTimeOffset now) => failed.Enqueue((address, now));
}
