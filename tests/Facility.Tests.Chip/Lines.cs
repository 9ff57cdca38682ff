using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Facility.Tests.Chip;

/// <param name="AtMs">Since the play began.</param>
/// <param name="High">The voltage.</param>
internal readonly record struct Move(double AtMs, int Line, bool High);

/// <summary>Between these two the kernel saw the move, to the millisecond below.</summary>
internal readonly record struct Moment(DateTimeOffset Earliest, DateTimeOffset Latest);

/// <summary>Moves the lines of the chip at true time, and says when.</summary>
internal sealed partial class Lines : IDisposable
{
    private const int Normal = 0;
    private const int RealTime = 1;

    private readonly SafeFileHandle[] _pulls;

    /// <summary>All low.</summary>
    public Lines(int count)
    {
        _pulls = [.. Enumerable.Range(0, count).Select(line => File.OpenHandle(RealChip.PullFile(line), FileMode.Open, FileAccess.Write))];
        for (var line = 0; line < count; line++)
        {
            Pull(line, false);
        }
    }

    /// <summary>Each move at its time, whoever else wants the processor.</summary>
    public Moment[] Play(IReadOnlyList<Move> moves)
    {
        SetScheduler(RealTime);
        try
        {
            return Burst(moves);
        }
        finally
        {
            SetScheduler(Normal);
        }
    }

    /// <summary>Each move at its time, or at once when that is past; what reads the lines gets its share of the processor.</summary>
    public Moment[] Burst(IReadOnlyList<Move> moves)
    {
        var moments = new Moment[moves.Count];
        var (start, now) = ReadClocks();
        var wall = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        TimeSpan Elapsed() => Stopwatch.GetElapsedTime(start);
        for (var i = 0; i < moves.Count; i++)
        {
            var due = TimeSpan.FromMilliseconds(moves[i].AtMs);
            while (due - Elapsed() is { Ticks: > 0 } wait)
            {
                // Whole milliseconds; the rest is spent looking at the clock.
                Thread.Sleep((int)wait.TotalMilliseconds);
            }

            var before = Elapsed();
            Pull(moves[i].Line, moves[i].High);
            moments[i] = new Moment(wall + before, now + Elapsed());
        }

        return moments;
    }

    // Together: a pause between the two would move all moments.
    private static (long Start, DateTimeOffset Wall) ReadClocks()
    {
        while (true)
        {
            var (start, wall) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
            if (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(0.1))
            {
                return (start, wall);
            }
        }
    }

    public void Dispose() => Array.ForEach(_pulls, pull => pull.Dispose());

    // Of the calling thread. Only a play of a few seconds: real time ranks before all else.
    private static void SetScheduler(int policy)
    {
        var priority = policy == RealTime ? 10 : 0;
        Assert.Equal(0, SchedSetScheduler(0, policy, ref priority));
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SchedSetScheduler(int thread, int policy, ref int priority);

    private void Pull(int line, bool high) => RandomAccess.Write(_pulls[line], high ? "pull-up"u8 : "pull-down"u8, 0);
}
