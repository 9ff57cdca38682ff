using System.Text.Json;
using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>Takes points that a store will never accept, so that they neither block those after them nor vanish.</summary>
public interface IUnwritable
{
    /// <summary>Points set aside since the start.</summary>
    long Count { get; }

    /// <summary>Never throws.</summary>
    void SetAside(string point, string reason);
}

/// <summary>
/// Unwritable points as JSON lines in a file next to the data. Bounded: once it holds <paramref name="maxBytes"/> more are counted and
/// logged, but not kept.
/// </summary>
public sealed class UnwritableFile(string path, ILogger<UnwritableFile> log, TimeProvider? clock = null, long maxBytes = 16 * 1024 * 1024) : IUnwritable, IStoreSizes
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _writing = new();
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public IEnumerable<StoreSize> Sizes() => [new StoreSize("unwritable", JournalSizes.Bytes(path), Count)];

    public void SetAside(string point, string reason)
    {
        Interlocked.Increment(ref _count);
        log.LogWarning("A point cannot be written to the time series and is set aside: {Reason}: {Point}", reason, point);
        try
        {
            lock (_writing)
            {
                var line = JsonSerializer.SerializeToUtf8Bytes(new { at = _clock.GetUtcNow(), reason, point });
                using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
                if (file.Length + line.Length < maxBytes)
                {
                    file.Write(line);
                    file.Write("\n"u8);
                    file.Flush(flushToDisk: true);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogError(e, "The file {Path} of points set aside cannot be written; the warning above is all that is left of the point", path);
        }
    }
}
