using Facility.Domain.Access;

namespace Facility.Server.Api.Access;

/// <summary>The allowances of all callers at one thing, in memory and bounded: more callers than it holds share one.</summary>
internal sealed class Allowances(Rate rate, TimeProvider time)
{
    private const int Most = 20_000;
    private readonly Dictionary<string, Allowance> _of = [];
    private readonly Lock _gate = new();

    /// <summary>Zero where the caller may; else how long to wait.</summary>
    public TimeSpan Take(string caller)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            caller = Place(caller, now);
            var (next, wait) = (_of.TryGetValue(caller, out var known) ? known : Allowance.Full(rate, now)).Take(rate, now);
            _of[caller] = next;
            return wait;
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void GiveBack(string caller)
    {
        lock (_gate)
        {
            if (_of.TryGetValue(caller, out var known))
            {
                _of[caller] = known.Back(rate);
            }
        }
    }

    private string Place(string caller, DateTimeOffset now)
    {
        if (_of.Count < Most || _of.ContainsKey(caller))
        {
            return caller;
        }

        foreach (var (rested, _) in _of.Where(a => a.Value.IsFull(rate, now)).ToArray())
        {
            _of.Remove(rested);
        }

        return _of.Count < Most ? caller : "";
    }
}
