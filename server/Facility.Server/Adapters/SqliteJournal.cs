using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>The journal as followers and the live state read it: one SQLite file, see <see cref="JournalSchema"/>.</summary>
/// <remarks>Readers share one connection under a lock; the writer has its own (<see cref="SqliteJournalWriter"/>), and WAL lets both go on.</remarks>
public sealed class SqliteJournal : IJournalReader, IJournalCounts, ISitesRevisions, IStoreSizes, IDisposable
{
    private const int MostBytesRead = 4 << 20;
    private static readonly long LongestLeap = TimeSpan.FromDays(5 * 365).Ticks;
    private readonly SqliteConnection reading;
    private readonly OwnedJournal owned;
    private readonly Lock gate = new();
    private readonly Lock clock = new();
    private readonly TimeProvider time;
    private readonly bool believeClock;
    private readonly JournalTail tail;
    private long head;
    private long lastReceived;
    private long writingSince = long.MaxValue;
    private volatile TaskCompletionSource arrived = NewSignal();

    /// <param name="believeClock">Also when the last entry is more than five years older: see <see cref="Writing"/>.</param>
    /// <exception cref="JournalUnavailableException">The file cannot be opened or made, is damaged, or another process has it.</exception>
    public SqliteJournal(string path, TimeProvider time, bool believeClock = false)
    {
        (this.time, this.believeClock) = (time, believeClock);
        Path = path;
        try
        {
            if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            var reserve = new JournalReserve(path + ".reserve");
            reserve.OpenDoor();
            Writer = new SqliteJournalWriter(JournalSchema.OpenForWriting(path), this, reserve);
            reading = JournalSchema.Open(path, readOnly: true);
            owned = new OwnedJournal(path);
            using var last = reading.Statement("SELECT ifnull(max(id), 0), (SELECT received FROM entries ORDER BY id DESC LIMIT 1) FROM entries", 0);
            using var row = last.ExecuteReader();
            row.Read();
            HeadAtOpen = head = row.GetInt64(0);
            tail = new JournalTail(head);
            lastReceived = row.IsDBNull(1) ? 0 : row.GetInt64(1);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or JournalUnavailableException)
        {
            Writer?.Dispose();
            reading?.Dispose();
            throw e as JournalUnavailableException ?? new JournalUnavailableException(DerivedFiles.IsDamage(e)
                ? $"The journal {path} is damaged: {e.Message} It is left as it is. Put it back from a backup, with no {path}-wal beside it, or give another folder with --data."
                : $"The journal {path} cannot be opened: {e.Message} Check that the disk is not full and that the server may write there, or give another folder with --data.", e);
        }
    }

    public string Path { get; }

    public SqliteJournalWriter Writer { get; }

    public long Head => Interlocked.Read(ref head);

    public long HeadAtOpen { get; }

    public DateTimeOffset Watermark
    {
        get
        {
            // What is being written was received at writingSince; what comes later is received at this instant or later,
            // also where the clock is set back in between.
            lock (clock)
            {
                return new DateTimeOffset(Math.Min(Now(), writingSince), TimeSpan.Zero);
            }
        }
    }

    public IReadOnlyList<JournalEntry> Read(long after, int maxEvents = 5000)
    {
        if (after >= Head)
        {
            return [];
        }

        lock (clock)
        {
            if (tail.Read(after, maxEvents) is { } newest)
            {
                return newest;
            }
        }

        var rows = new List<JournalRow>();
        lock (gate)
        {
            using var command = reading.Statement(JournalRows.Select + " WHERE e.id > $0 ORDER BY e.id LIMIT $1", 2).With(after, maxEvents);
            using var reader = command.ExecuteReader();
            for (long events = 0, bytes = 0; events < maxEvents && bytes < MostBytesRead && reader.Read();)
            {
                var row = JournalRows.Read(reader);
                events += row.Type == RowType.Events ? row.Last - row.First + 1 : 1;
                bytes += row.Payload.Length;
                rows.Add(row);
            }
        }

        return rows.ConvertAll(row => new JournalEntry(row.Id, row.Received, row.Site, row.Device, JournalDecoder.Decode(row)));
    }

    public async Task WaitAsync(long after, TimeSpan atMost, CancellationToken cancellation)
    {
        var signal = arrived;
        if (Head <= after)
        {
            await signal.Task.WaitAsync(atMost, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public IReadOnlyList<DeviceCounts> Devices()
    {
        lock (gate)
        {
            var faults = reading.List("SELECT site, device, sensor FROM faults ORDER BY sensor", r => (Key: (r.GetString(0), r.GetString(1)), Sensor: r.GetString(2)))
                .ToLookup(f => f.Key, f => f.Sensor);
            return reading.List(
                "SELECT site, device, refused, setAside, lost, faulty, seen, reachable FROM devices ORDER BY seen DESC LIMIT 10000",
                r => new DeviceCounts(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetBoolean(5),
                    new DateTimeOffset(r.GetInt64(6), TimeSpan.Zero), r.IsDBNull(7) ? null : r.GetBoolean(7), [.. faults[(r.GetString(0), r.GetString(1))]]));
        }
    }

    public IReadOnlyList<StreamRow> Streams()
    {
        lock (gate)
        {
            return reading.List(JournalRows.SelectStreams + " WHERE retired = 0 ORDER BY heard DESC LIMIT 40000", JournalRows.ReadStream);
        }
    }

    public IReadOnlyDictionary<long, long> EventsAfter(long position)
    {
        if (position >= Head)
        {
            return new Dictionary<long, long>();
        }

        lock (gate)
        {
            return reading.List(
                $"SELECT stream, sum(last - first + 1) FROM entries WHERE id > {position} AND type = {(int)RowType.Events} GROUP BY stream",
                r => (r.GetInt64(0), r.GetInt64(1))).ToDictionary(r => r.Item1, r => r.Item2);
        }
    }

    public SitesRevised? NewestSites(long upTo = long.MaxValue)
    {
        lock (gate)
        {
            var rows = reading.List(JournalRows.Select + $" WHERE e.type = {(int)RowType.Sites} AND e.id <= {upTo} ORDER BY e.id DESC LIMIT 1", JournalRows.Read);
            return rows.Count == 0 ? null : (SitesRevised)JournalDecoder.Decode(rows[0]);
        }
    }

    public IReadOnlyList<SitesRevision> Revisions(long? number = null) => Revisions(number, 1000);

    public SitesRevision? Newest() => Revisions(null, 1) is [var newest] ? newest : null;

    private IReadOnlyList<SitesRevision> Revisions(long? number, int most)
    {
        lock (gate)
        {
            return reading.List(
                $"SELECT number, received, id, payload FROM revisions{(number is { } one ? $" WHERE number = {one}" : "")} ORDER BY number DESC LIMIT {most}",
                r => new SitesRevision(r.GetInt64(0), new DateTimeOffset(r.GetInt64(1), TimeSpan.Zero), (SitesRevised)JournalDecoder.Decode(
                    new JournalRow(r.GetInt64(2), default, "", "", RowType.Sites, default, 0, 0, (byte[])r.GetValue(3), default))));
        }
    }

    public IReadOnlyList<(string Site, string Device, DeviceRefusal Refusal)> Refusals()
    {
        lock (gate)
        {
            return reading.List("SELECT site, device, at, reason, size, detail FROM refused ORDER BY id DESC", r => (
                r.GetString(0), r.GetString(1),
                new DeviceRefusal(new DateTimeOffset(r.GetInt64(2), TimeSpan.Zero), r.GetString(3), r.GetInt32(4), r.GetString(5))));
        }
    }

    public IEnumerable<StoreSize> Sizes()
    {
        lock (gate)
        {
            return [.. JournalSizes.Of(reading, Path)];
        }
    }

    public void Dispose()
    {
        Writer.Dispose();
        reading.Dispose();
        owned.Dispose();
    }

    /// <summary>Nothing is received before this from now on, nor does the watermark say so.</summary>
    internal void NotBefore(DateTimeOffset passed)
    {
        lock (clock)
        {
            lastReceived = Math.Max(lastReceived, passed.UtcTicks);
        }
    }

    /// <summary>
    /// The writer tells that a transaction began: nothing in it is received before now. Received times never fall, so a clock that is years
    /// ahead but once would spoil them for years: one that says five years more than the last time here is not believed.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The clock is not believed.</exception>
    internal DateTimeOffset Writing()
    {
        lock (clock)
        {
            if (Leaps)
            {
                throw new JournalUnavailableException(
                    $"The clock says {time.GetUtcNow():yyyy-MM-dd}, and the journal {Path} was last used on {new DateTime(lastReceived):yyyy-MM-dd}: set the clock, or, where it is right, start once with --believe-clock.");
            }

            return new DateTimeOffset(writingSince = Now(), TimeSpan.Zero);
        }
    }

    /// <summary>The writer tells what a transaction wrote, once it is on disk, and up to where it trimmed; nothing after a rollback.</summary>
    internal void Written(List<JournalEntry> entries, long trimmedTo)
    {
        lock (clock)
        {
            tail.Add(entries);
            tail.Forget(trimmedTo);
        }

        // The head first: a watermark past this transaction must not be seen by one who cannot read it yet.
        var newHead = entries.Count > 0 ? entries[^1].Id : 0;
        var rose = newHead > Head;
        if (rose)
        {
            Interlocked.Exchange(ref head, newHead);
        }

        lock (clock)
        {
            writingSince = long.MaxValue;
        }

        if (rose)
        {
            Interlocked.Exchange(ref arrived, NewSignal()).TrySetResult();
        }
    }

    private bool Leaps => !believeClock && lastReceived > 0 && time.GetUtcNow().UtcTicks - lastReceived > LongestLeap;

    private long Now() => lastReceived = Leaps ? lastReceived : Math.Max(time.GetUtcNow().UtcTicks, lastReceived);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
