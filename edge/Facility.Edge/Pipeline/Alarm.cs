namespace Facility.Edge.Pipeline;

/// <summary>Sets a signal after a time, for one loop. Wanted later, it stays as it is: a turn too many costs less than moving a timer at each.</summary>
internal sealed class Alarm : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile bool _set;
    private TimeSpan _at;

    public Alarm(Signal wake, TimeProvider time) => (_time, _timer) = (time, time.CreateTimer(
        _ =>
        {
            _set = false;
            wake.Set();
        },
        null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));

    /// <summary>It goes off once, at that time or before.</summary>
    public void Within(TimeSpan wait)
    {
        var at = _time.GetElapsedTime(0) + wait;
        if (!_set || at < _at)
        {
            _at = at;
            _set = true;
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();
}
