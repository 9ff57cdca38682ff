using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Facility.Tests.Chip;

/// <param name="AtMs">Since the play began.</param>
/// <param name="High">The voltage.</param>
internal readonly record struct Move(double AtMs, int Line, bool High);

/// <summary>Between these two the kernel saw the move, to the millisecond below.</summary>
internal readonly record struct Moment(DateTimeOffset Earliest, DateTimeOffset Latest);

/// <summary>Moves the lines of the chip at true time, and says when.</summary>
internal sealed class Lines : IDisposable
{
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

    /// <summary>Each move at its time, or at once when that is past.</summary>
    public Moment[] Play(IReadOnlyList<Move> moves)
    {
        var moments = new Moment[moves.Count];
        var (start, now) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        var wall = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        TimeSpan Elapsed() => Stopwatch.GetElapsedTime(start);
        for (var i = 0; i < moves.Count; i++)
        {
            var due = TimeSpan.FromMilliseconds(moves[i].AtMs);
            while (due - Elapsed() is { Ticks: > 0 } wait)
            {
                // A sleep ends late, never early: the last part is spent looking at the clock.
                Thread.Sleep(wait > TimeSpan.FromMilliseconds(2) ? wait - TimeSpan.FromMilliseconds(2) : TimeSpan.Zero);
            }

            var before = Elapsed();
            Pull(moves[i].Line, moves[i].High);
            moments[i] = new Moment(wall + before, now + Elapsed());
        }

        return moments;
    }

    public void Dispose() => Array.ForEach(_pulls, pull => pull.Dispose());

    private void Pull(int line, bool high) => RandomAccess.Write(_pulls[line], high ? "pull-up"u8 : "pull-down"u8, 0);
}
