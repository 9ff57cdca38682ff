using System.Collections.Concurrent;
using System.Threading.Channels;
using Facility.Contracts.Rest;
using Facility.Domain.Incidents;
using Facility.Domain.OnCall;
using Facility.Server.Pipeline;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>
/// Calls people until one of them acknowledges. What is owed to whom is worked out anew from incidents, roster and what was done already, when
/// an incident changes and once a second; so a kill at any moment forgets nobody, and tells nobody twice what a provider had taken.
/// </summary>
/// <remarks>A delivery is a row before it is tried and after. Each is sent by itself, <see cref="MostAtOnce"/> at once: one that hangs holds up no other.</remarks>
public sealed class Pager(
    OnCallRules rules, IOnCallStore store, IncidentDesk desk, IIncidentStore incidents, ISitesDirectory sites, Links links, IEnumerable<IChannel> channels,
    TimeProvider time, ILogger<Pager> logger) : BackgroundService
{
    private const int MostAtOnce = 32;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);
    private static readonly TimeSpan Hourly = TimeSpan.FromHours(1);

    private readonly ChannelCalls _calls = new(channels, time, logger);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Delivery> _rows = [];
    private readonly HashSet<string> _underWay = [];
    private readonly ConcurrentDictionary<Task, byte> _sending = new();

    // Holds at most one wake-up: a second one while it works says nothing new.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private DateTimeOffset _choresAt;

    /// <summary>Completes when what is under way has been answered.</summary>
    internal Task Answered => Task.WhenAll(_sending.Keys);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        Action<Incident> changed = _ => Wake();
        desk.Changed += changed;
        try
        {
            var loaded = false;

            // One wait goes on through the beats: a new one each time would stay behind.
            var wake = _wake.Reader.WaitToReadAsync(stoppingToken).AsTask();
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    if (!loaded)
                    {
                        Load();
                        loaded = true;
                    }

                    Step(stoppingToken);
                }
                catch (Exception e) when (e is System.Data.Common.DbException or IOException)
                {
                    // A full disk must not keep people from being called: what was to be told is still owed, and tried again.
                    logger.LogError(e, "Deliveries cannot be saved; trying again");
                }

                Task woken = wake;
                await woken.WaitAsync(Beat, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (woken.IsCompleted && _wake.Reader.TryRead(out _))
                {
                    wake = _wake.Reader.WaitToReadAsync(stoppingToken).AsTask();
                }
            }
        }
        finally
        {
            desk.Changed -= changed;
            await Task.WhenAll(_sending.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Works out what is owed, and begins to send what is due.</summary>
    internal void Step(CancellationToken cancellation)
    {
        if (rules.Current is not { } escalation)
        {
            return;
        }

        var now = time.GetUtcNow();
        var unresolved = desk.Now.Unresolved;
        List<Delivery> changed;
        lock (_gate)
        {
            changed = [.. unresolved.Where(i => i.State == IncidentLife.Open).SelectMany(i => Owed(escalation, i, now))];
            changed.AddRange(new Chores(escalation, store).Owed(now, _choresAt, _rows.Values));
            var open = unresolved.Where(i => i.State == IncidentLife.Open).ToDictionary(i => i.Id, i => i.OpenSince ?? i.OpenedAt);
            changed.AddRange(_rows.Values
                .Where(d => !d.IsOver && !_underWay.Contains(d.Id) && IsIncident(d.Subject) && !(open.TryGetValue(d.Subject, out var since) && since == d.Since))
                .Select(d => d with { State = Domain.OnCall.DeliveryState.Dropped }));
        }

        Keep(changed);
        if (now - _choresAt >= Hourly)
        {
            _choresAt = now;
            store.Forget(now - Kept, now);
        }

        foreach (var together in Due(now, [.. unresolved.Select(i => i.Id)]))
        {
            var sending = SendAsync(escalation, together, cancellation);
            _sending[sending] = 0;
            _ = sending.ContinueWith(done => _sending.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>A provider says that the person's device has it.</summary>
    internal bool Delivered(string id, string detail)
    {
        if (store.Find(id) is not { } delivery)
        {
            return false;
        }

        lock (_gate)
        {
            delivery = _rows.GetValueOrDefault(id, delivery);
        }

        // It may come before the provider's own answer to the sending.
        if (delivery.State is Domain.OnCall.DeliveryState.Due or Domain.OnCall.DeliveryState.Sent)
        {
            Keep([delivery.Reported(detail, time.GetUtcNow())]);
        }

        return true;
    }

    private static bool IsIncident(string subject) => !subject.Contains(':', StringComparison.Ordinal);

    internal void Load()
    {
        var unresolved = desk.Now.Unresolved.Select(i => i.Id).ToArray();
        lock (_gate)
        {
            foreach (var delivery in store.Load(unresolved))
            {
                _rows[delivery.Id] = delivery;
            }
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private IReadOnlyList<Delivery> Owed(Escalation escalation, Incident incident, DateTimeOffset now)
    {
        if (escalation.PolicyOf(incident.Site, incident.Severity) is not { } policy)
        {
            return [];
        }

        var since = incident.OpenSince ?? incident.OpenedAt;
        var made = _rows.Values.Where(d => d.Subject == incident.Id && d.Since == since).ToArray();

        // Where the clock was set back since it opened nobody waits for the clock: it counts from the first that was owed.
        var began = made.Length > 0 ? made.Min(d => d.MadeAt) : now;
        return [.. escalation.Owed(incident.Id, policy, began < since ? began : since, made, now, NewId).Select(d => d with { Since = since })];
    }

    private static string NewId() => Guid.CreateVersion7().ToString("N");

    // On the disk first: a promise that is not there is not begun.
    private void Keep(IReadOnlyCollection<Delivery> changed)
    {
        if (changed.Count == 0)
        {
            return;
        }

        store.Save(changed);
        lock (_gate)
        {
            foreach (var delivery in changed)
            {
                _rows[delivery.Id] = delivery;
            }
        }
    }

    // What is urgent goes by itself; of the rest all that one person is told now is one message.
    private List<Delivery[]> Due(DateTimeOffset now, HashSet<string> unresolved)
    {
        lock (_gate)
        {
            foreach (var old in _rows.Values.Where(d => d.IsOver && IsIncident(d.Subject) && !unresolved.Contains(d.Subject)).ToArray())
            {
                _rows.Remove(old.Id);
            }

            var due = _rows.Values.Where(d => !d.IsOver && d.DueAt <= now && !_underWay.Contains(d.Id)).OrderBy(d => !d.Urgent).ThenBy(d => d.DueAt)
                .GroupBy(d => d.Urgent || !IsIncident(d.Subject) ? d.Id : $"{d.Person} {d.Channel}").Take(MostAtOnce - _sending.Count).Select(g => g.ToArray()).ToList();
            _underWay.UnionWith(due.SelectMany(g => g.Select(d => d.Id)));
            return due;
        }
    }

    private async Task SendAsync(Escalation escalation, Delivery[] together, CancellationToken cancellation)
    {
        var first = together[0];
        try
        {
            var (kind, answer, count) = await TryAsync(escalation, first, together, cancellation);
            var now = time.GetUtcNow();
            var outcome = ChannelCalls.Word(answer.Outcome);
            Delivery[] rows;
            lock (_gate)
            {
                rows = [.. together.Select(d => _rows.GetValueOrDefault(d.Id, d))];
            }

            Keep([.. rows.Select(d => d.After(kind, outcome, answer.Detail, count, now))]);
            var name = escalation.Find(first.Person)?.Name ?? first.Person;
            foreach (var delivery in together.Where(d => IsIncident(d.Subject)))
            {
                desk.Told(delivery.Subject, new Contracts.Rest.Saying("told-" + outcome, name, kind), now);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Still owed: the next start sends it, with the same id.
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException)
        {
            logger.LogError(e, "What came of a delivery to {Person} cannot be saved; it is tried again", first.Person);
        }
        finally
        {
            lock (_gate)
            {
                _underWay.ExceptWith(together.Select(d => d.Id));
            }

            Wake();
        }
    }

    private async Task<(string Kind, SendAnswer Answer, int Channels)> TryAsync(
        Escalation escalation, Delivery first, Delivery[] together, CancellationToken cancellation)
    {
        if (escalation.Find(first.Person) is not { } person || first.Channel >= person.Channels.Count)
        {
            return ("", new SendAnswer(SendOutcome.Refused, "is no longer in the on-call file"), 0);
        }

        var address = person.Channels[first.Channel];
        if (!_calls.Has(address.Kind))
        {
            return (address.Kind, new SendAnswer(SendOutcome.Refused, $"{address.Kind} is not a channel of this server"), person.Channels.Count);
        }

        var message = new Composer(incidents, sites, links, escalation).Compose(person, address, together, time.GetUtcNow());
        return (address.Kind, await _calls.TryAsync(message, cancellation), person.Channels.Count);
    }
}
