using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// One transaction of the journal: takes batches and facts in order, and holds back what may be told only once it is on
/// disk (<see cref="Tell"/>). A failed transaction is thrown away whole, with all it would have told.
/// </summary>
internal sealed class Intake(IJournalWriter journal, SitesDirectory sites, DateTimeOffset received, Func<StreamRow, bool> mayAnswerGap)
{
    private readonly Dictionary<(string Site, string Device), DeviceTally> tallies = [];
    private readonly Dictionary<StreamRow, long> acks = [];
    private readonly HashSet<StreamRow> changed = [];
    private readonly List<StreamRow> retired = [];
    private readonly List<PendingCommand> commands = [];
    private readonly List<Action<ServerCounters>> counted = [];
    private readonly List<(string Site, string Device, JournalFact Fact)> facts = [];
    private SitePlans plans = sites.Plans;

    public void Take(Inbound inbound)
    {
        switch (inbound)
        {
            case InboundFact f:
                journal.Append(received, f.Site, f.Device, f.Fact);
                facts.Add((f.Site, f.Device, f.Fact));
                plans = f.Fact is SitesRevised revision ? new SitePlans(revision.Document) : plans;
                break;
            case InboundTrim t:
                var trimmed = journal.Trim(received - t.Kept, t.UpTo, t.Most);
                counted.Add(_ => t.Done.TrySetResult(trimmed));
                break;
            case InboundBatch { Refusal: { } refusal } b:
                Refuse(b, refusal);
                break;
            case InboundBatch { Batch: { } batch } b:
                Order(b, batch);
                break;
        }
    }

    /// <summary>The rest of the transaction, before its commit.</summary>
    public void Finish()
    {
        foreach (var stream in changed)
        {
            journal.Save(stream);
        }

        foreach (var ((site, device), tally) in tallies)
        {
            if (!tally.IsEmpty)
            {
                journal.Count(site, device, received, tally.Refused, tally.SetAside, tally.Lost, tally.Faulty);
            }

            foreach (var (sensor, active) in tally.Faults)
            {
                journal.SetFault(site, device, sensor, active);
            }
        }
    }

    /// <summary>All is on disk: acknowledge, answer and count.</summary>
    public void Tell(DeviceOutbox outbox, DeviceDirectory devices, ServerCounters counters)
    {
        foreach (var stream in retired)
        {
            devices.Acknowledged(stream, retired: true);
            outbox.Acknowledge(stream.Site, stream.Device, stream.Stream, null);
        }

        foreach (var (stream, seq) in acks)
        {
            devices.Acknowledged(stream, stream.Retired);
            outbox.Acknowledge(stream.Site, stream.Device, stream.Stream, stream.Retired ? null : seq);
        }

        commands.ForEach(c => outbox.Command(c.Site, c.Device, c.Command));
        counted.ForEach(count => count(counters));
        foreach (var ((site, device), tally) in tallies)
        {
            devices.Counted(site, device, tally);
        }

        foreach (var (site, device, fact) in facts)
        {
            if (fact is SitesRevised revision)
            {
                sites.Apply(revision);
            }
            else if (fact is ReachabilityChanged reachability)
            {
                devices.Journaled(site, device, reachability.Reachable);
            }
        }
    }

    private void Refuse(InboundBatch b, Refusal refusal)
    {
        journal.Keep(new KeptBatch(b.Site, b.Device, refusal, b.Payload.Length, b.Payload), received);
        var tally = Tally(b);
        tally.Refused++;
        tally.Note(new DeviceRefusal(received, refusal.Reason, b.Payload.Length, refusal.Detail));
        commands.Add(new PendingCommand(b.Site, b.Device, new DeviceCommand(DeviceCommand.Refused, refusal.Stream, refusal.Seq, refusal.Reason)));
        counted.Add(c => c.Refused(refusal.Reason));
    }

    private void Order(InboundBatch b, EventBatch batch)
    {
        var stream = journal.Find(b.Site, b.Device, batch.Stream);
        var decision = StreamOrder.Decide(stream?.Acknowledged ?? 0, batch);
        if (decision is OrderDecision.OutOfOrder)
        {
            counted.Add(c => c.OutOfOrder());
            stream ??= journal.Add(b.Site, b.Device, batch.Stream, received);
            Revive(stream);
            if (mayAnswerGap(stream))
            {
                acks[stream] = stream.Acknowledged;
            }

            return;
        }

        stream ??= journal.Add(b.Site, b.Device, batch.Stream, received);
        Revive(stream);
        if (batch.First <= stream.Acknowledged)
        {
            Compare(b, batch, stream);
        }

        if (decision is OrderDecision.Accept accept)
        {
            Accept(b, batch, stream, accept);
        }
        else
        {
            counted.Add(c => c.Duplicate());
        }

        acks[stream] = stream.Acknowledged;
    }

    private void Accept(InboundBatch b, EventBatch batch, StreamRow stream, OrderDecision.Accept accept)
    {
        var tally = Tally(b);
        tally.Journaled = true;
        if (accept.HasLoss)
        {
            var lost = accept.LostTo - accept.LostFrom + 1;
            journal.AppendGap(stream, received, accept.LostFrom, accept.LostTo);
            tally.Lose(lost);
            counted.Add(c => c.Lost(lost));
        }

        var plan = plans.Of(b.Site);
        List<(int, SetAside)>? marks = null;
        for (var i = accept.Tail; i < batch.Events.Count; i++)
        {
            var e = batch.Events[i];
            var reason = Admission.Check(plan, b.Device, e);
            if (reason == SetAside.None)
            {
                Note(tally, e);
                continue;
            }

            (marks ??= []).Add((i, reason));
            tally.SetAside++;
            counted.Add(c => c.SetAside(reason.ToString()));
        }

        journal.AppendEvents(stream, received, batch.Events[accept.Tail].Seq, batch, b.Payload, marks is null ? null : JournalDecoder.EncodeSetAside(marks));
        stream.Acknowledged = batch.Last;
        stream.Heard = received;
        changed.Add(stream);
        var taken = batch.Events.Count - accept.Tail;
        counted.Add(c => c.Batch(taken));
    }

    private void Note(DeviceTally tally, in DeviceEvent e)
    {
        if (e.Kind == EventKinds.Lost)
        {
            var lost = (long)e.Value;
            tally.Lose(lost);
            counted.Add(c => c.Lost(lost));
        }
        else if (e.Kind == EventKinds.Fault)
        {
            tally.Faults[e.Sensor] = e.Value != 0;
        }
        else if (EventKinds.IsLevel(e.Kind))
        {
            tally.Levels[e.Sensor] = new SensorLevel(e.Sensor, e.Kind, e.Value);
        }
    }

    // The sequence numbers are known already: the same events again are the network's doing, others are not.
    private void Compare(InboundBatch b, EventBatch batch, StreamRow stream)
    {
        var last = Math.Min(batch.Last, stream.Acknowledged);
        if (!journal.EventRows(stream, batch.First, last).Any(row => StreamOrder.Differs(JournalDecoder.Sent(row), batch.Events)))
        {
            return;
        }

        var refusal = new Refusal("duplicate-with-other-content", "other events came under sequence numbers already used", batch.Stream, batch.First);
        journal.Keep(new KeptBatch(b.Site, b.Device, refusal, b.Payload.Length, b.Payload), received);
        var tally = Tally(b);
        tally.Faulty = true;
        tally.Note(new DeviceRefusal(received, refusal.Reason, b.Payload.Length, refusal.Detail));
        counted.Add(c => c.Conflict());
    }

    // A stream that comes back goes on where it was; the longest silent makes room (contract, section 2.1).
    private void Revive(StreamRow stream)
    {
        var isNew = stream.Acknowledged == 0;
        if (!stream.Retired && !isNew)
        {
            return;
        }

        stream.Retired = false;
        stream.Heard = received;
        changed.Add(stream);
        journal.Save(stream);
        retired.Remove(stream);
        var live = journal.LiveStreams(stream.Site, stream.Device);
        foreach (var silent in live.Where(s => s.Id != stream.Id).OrderBy(s => s.Heard).Take(live.Count - Limits.LiveStreams))
        {
            silent.Retired = true;
            journal.Save(silent);
            acks.Remove(silent);
            retired.Add(silent);
        }
    }

    private DeviceTally Tally(InboundBatch b)
    {
        if (!tallies.TryGetValue((b.Site, b.Device), out var tally))
        {
            tallies[(b.Site, b.Device)] = tally = new DeviceTally();
        }

        return tally;
    }
}
