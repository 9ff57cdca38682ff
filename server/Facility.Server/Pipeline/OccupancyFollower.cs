using Facility.Domain.Ingestion;
using Facility.Domain.Occupancy;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// Follows the journal and keeps the occupancy of every site: estimates, the board that people see, and the queue of
/// changes to the time series.
/// </summary>
/// <remarks>
/// Estimators, cursor and queue are saved in one transaction, once a second, or each 20,000 events, while this goes on. A crash before
/// it takes the same entries again and gets the same answers; the time series sees a change twice at most, and the same
/// one. Versions jump over a reserved block at each start, so that none comes twice.
/// </remarks>
public sealed class OccupancyFollower(
    IJournalReader journal, IOccupancyStore store, ISitesDirectory sites, OccupancyBoard board, TimeProvider time, ILogger<OccupancyFollower> logger)
    : BackgroundService, IFollowerPosition, Api.IReadiness
{
    private const long VersionBlock = 1_000_000;
    private const int SaveEvery = 20_000;
    private const int Portion = 5000;

    // In a burst many events are shown at once: what an estimate costs to read and to show is then spent once for them all.
    private const int Many = 100;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ShowAllInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly List<OccupancyChange> _changes = [];
    private readonly List<SiteFact> _facts = [];
    private readonly List<OccupancyChange> _fresh = [];
    private readonly OccupancyCheckpoints _checkpoints = new(store);
    private SiteEstimates _estimates = null!;
    private FigureMaker _figures = null!;
    private DateTimeOffset _countFrom = DateTimeOffset.MinValue;
    private long _cursor;
    private long _version;
    private long _ceiling;
    private int _unsaved;
    private int _taken;
    private DateTimeOffset _savedClock;
    private long _savedAt;
    private bool _started;
    private readonly HashSet<string> _touched = [];
    private long _shownMinute;
    private long _shownAllAt;
    private volatile bool _caughtUp;

    public string Name => "occupancy";

    /// <summary>The estimates are behind the journal until the first time they have reached its head.</summary>
    public string? Problem => _caughtUp ? null : "occupancy is still being read from the journal";

    /// <summary>The last journal entry that is in the estimates.</summary>
    public long Position => Interlocked.Read(ref _cursor);

    public long Saved => _checkpoints.Saved;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!_started)
                {
                    Start();
                    _started = true;
                }

                if (!Step())
                {
                    await journal.WaitAsync(_cursor, SaveInterval, stoppingToken);
                }
                else if (_taken is > Many and < Portion)
                {
                    await Task.Delay(Gathering, time, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is System.Data.Common.DbException or IOException)
            {
                // A full or failing disk: what was not saved is still in memory, and is saved with the next step.
                logger.LogError(e, "Occupancy cannot be saved; trying again in 5 s");
                await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
#pragma warning disable CA1031 // A defect here must not end ingestion, which keeps every event; this goes on from its last checkpoint.
            catch (Exception e)
#pragma warning restore CA1031
            {
                logger.LogError(e, "Occupancy failed after entry {Position}; going back to its checkpoint in 5 s", _cursor);
                (_started, _caughtUp) = (false, false);
                _checkpoints.Abandon();
                _changes.Clear();
                _facts.Clear();
                _fresh.Clear();
                _touched.Clear();
                await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        SaveLast();
    }

    public override void Dispose()
    {
        _checkpoints.Abandon();
        base.Dispose();
    }

    // What a full disk keeps from being saved is taken from the journal again.
    private void SaveLast()
    {
        try
        {
            if (_started)
            {
                Save();
            }
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException)
        {
            logger.LogWarning("Occupancy could not be saved at the end, and is read from the journal again: {Problem}", e.Message);
        }
    }

    /// <summary>Takes up the last checkpoint, or begins with the journal.</summary>
    internal void Start()
    {
        var last = store.Load();
        if (last?.Cursor > journal.HeadAtOpen)
        {
            logger.LogWarning("The journal was restored from a backup: occupancy is estimated again from its first entry");
            _version = last.VersionCeiling;
            last = null;
            CountAnew();
        }

        _estimates = last is null ? new SiteEstimates(sites.Current) : new SiteEstimates(last.Sites, last.Snapshots, last.Clock);
        _figures = new FigureMaker(last?.Figures ?? new Dictionary<string, byte[]>());
        (_cursor, _version) = (last?.Cursor ?? 0, last?.VersionCeiling ?? Math.Max(1, _version));
        _ceiling = _version + VersionBlock;
        Save();
        Publish();
    }

    /// <summary>Takes one portion of the journal, and lets time pass at its head.</summary>
    /// <returns>False at the head.</returns>
    internal bool Step()
    {
        // Taken before the read: what is received up to it is in what is read now.
        var watermark = journal.Watermark;
        var entries = journal.Read(_cursor, Portion);
        _taken = 0;
        foreach (var entry in entries)
        {
            Reconcile(entry.Received);
            Take(entry);
            _touched.Add(entry.Site);
            Interlocked.Exchange(ref _cursor, entry.Id);
            var events = entry.Fact is EventsJournaled batch ? batch.Events.Count : 1;
            (_taken, _unsaved) = (_taken + events, _unsaved + events);
            if (_unsaved >= SaveEvery)
            {
                BeginSave();
            }
        }

        _estimates.Note(_fresh);
        MakeFigures();
        var atHead = entries.Count == 0;
        if (atHead)
        {
            Reconcile(watermark);
            _estimates.AdvanceTo(watermark, _fresh);
            MakeFigures();
        }

        Publish();
        _caughtUp |= atHead;
        if ((_unsaved > 0 || _estimates.Clock - _savedClock >= TimeSpan.FromMinutes(1)) && time.GetElapsedTime(_savedAt) >= SaveInterval && !_checkpoints.IsWriting)
        {
            BeginSave();
        }

        return !atHead;
    }

    private void Take(JournalEntry entry)
    {
        var before = _facts.Count;
        _estimates.Take(entry, _fresh, _facts);
        for (var i = before; i < _facts.Count; i++)
        {
            _facts[i] = _facts[i] with { Counted = _facts[i].Fact.At >= _countFrom };
        }

        MakeFigures();
        if (entry.Fact is SitesRevised)
        {
            _figures.Keep(_estimates.Sites);
        }
    }

    private void MakeFigures()
    {
        _figures.Take(_fresh, _estimates.Clock, _changes);
        _fresh.Clear();
    }

    // A journal that is followed again: quarters that it tells in full are counted anew, older ones stay as they were counted.
    private void CountAnew()
    {
        var first = journal.Read(0, 2);
        var isTrimmed = first.Count == 2 && first[1].Id > 2;
        _countFrom = isTrimmed ? QuarterHour.Ceiling(first[1].Received) : DateTimeOffset.MinValue;
        store.ForgetCounts(_countFrom);
    }

    // A site changes by what is told of it and with the minute, and all of them by a revision; the time shown is a second old at most.
    private void Publish()
    {
        var minute = (_estimates.Clock ?? default).UtcTicks / TimeSpan.TicksPerMinute;
        var all = minute != _shownMinute || _touched.Contains("") || time.GetElapsedTime(_shownAllAt) >= ShowAllInterval;
        if (all)
        {
            board.Keep(_estimates.Sites.Sites.Select(s => s.Id));
            _estimates.ShowDoors(board);
            (_shownMinute, _shownAllAt) = (minute, time.GetTimestamp());
        }

        foreach (var site in all ? _estimates.Sites.Sites.Select(s => s.Id) : _touched.Where(_estimates.Has))
        {
            if (_version + 1 >= _ceiling)
            {
                _ceiling += VersionBlock;
                Save();
            }

            if (board.Show(_estimates.Shown(site, _version)))
            {
                _version++;
            }
        }

        _touched.Clear();
    }

    /// <summary>Saves all of it, and waits until it is on disk.</summary>
    internal void Save()
    {
        BeginSave();
        _checkpoints.Finish();
    }

    private void BeginSave() => _checkpoints.Begin(() =>
    {
        _estimates.Note(_fresh);
        MakeFigures();
        var all = new OccupancyCheckpoints.Checkpoint(
            new OccupancyCheckpoint(_cursor, _estimates.Clock, _ceiling, _estimates.Sites, _estimates.Snapshots(), _figures.Snapshots()),
            [.. _changes], [.. _facts], [.. _figures.Quarters], [.. _figures.Levels]);
        _figures.Saved();
        _estimates.Saved();
        _changes.Clear();
        _facts.Clear();
        (_unsaved, _savedClock, _savedAt) = (0, _estimates.Clock ?? default, time.GetTimestamp());
        return all;
    });

    // Once an hour of the journal's time.
    private void Reconcile(DateTimeOffset now)
    {
        if (_estimates.Clock is { } clock && now.UtcTicks / TimeSpan.TicksPerHour != clock.UtcTicks / TimeSpan.TicksPerHour)
        {
            Save();
            Hindsight.Take(store, _estimates.Sites, clock, now);
        }
    }
}
