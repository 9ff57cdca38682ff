namespace Facility.Server.Pipeline;

/// <summary>
/// Bytes of the batches that wait for the journal or are being written to it. What has no room is not taken and not acknowledged, so
/// that its device sends it again: a full disk takes so much memory and no more. Safe for threads.
/// </summary>
/// <param name="most">Bytes.</param>
public sealed class QueueRoom(long most)
{
    private long _taken;

    public long Taken => Interlocked.Read(ref _taken);

    /// <returns>False when there is no room for them; else call <see cref="Leave"/> when they are written.</returns>
    public bool TryEnter(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most)
        {
            return true;
        }

        Leave(bytes);
        return false;
    }

    public void Leave(int bytes) => Interlocked.Add(ref _taken, -bytes);
}
