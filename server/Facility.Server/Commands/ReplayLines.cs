using System.Text;
using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;

namespace Facility.Server.Commands;

/// <summary>A line of a recording cannot be read; the message says what is wrong and what is allowed.</summary>
public sealed class ReplayException(string message) : Exception(message);

/// <summary>Makes journal entries of the lines of a recording, by the rules of ingestion.</summary>
public sealed class ReplayLines(SitesDocument sites)
{
    // A batch of the full size has the keys of the recording besides.
    private const int MostBytes = 2 * Limits.BatchBytes;

    private readonly SitePlans _plans = new(sites);
    private readonly Dictionary<(string Site, string Device, Guid Stream), long> _known = [];
    private DateTimeOffset _received = DateTimeOffset.MinValue;
    private long _id;

    public SortedDictionary<string, long> Counts { get; } = [];

    /// <summary>Entries that a line gives: none for a duplicate, two where events before it are lost.</summary>
    /// <exception cref="ReplayException">The line is not one of the contract's, or of a site that the file lacks.</exception>
    public IReadOnlyList<JournalEntry> Read(string line)
    {
        try
        {
            return Read(JsonElement.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false }), line);
        }
        catch (JsonException e)
        {
            throw new ReplayException("not JSON: " + e.Message);
        }
        catch (InvalidOperationException e)
        {
            throw new ReplayException("a text is half a surrogate pair, which is no Unicode: " + e.Message);
        }
    }

    private IReadOnlyList<JournalEntry> Read(JsonElement root, string line)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new ReplayException("not an object");
        }

        var site = Text(root, "site");
        var plan = _plans.Of(site)
            ?? throw new ReplayException($"site \"{site}\" is not in the sites file; there are {string.Join(", ", sites.Sites.Select(s => s.Id))}");
        return root.TryGetProperty("people", out var people) ? Count(root, plan, people) : Batch(root, line, plan);
    }

    private JournalEntry[] Count(JsonElement root, SitePlan plan, JsonElement people)
    {
        var zone = Text(root, "zone");
        if (zone != Site.WholeSite && plan.Zone(zone) is null)
        {
            throw new ReplayException($"zone \"{zone}\" is not one of site, {string.Join(", ", plan.Site.Zones.Select(z => z.Id))}");
        }

        if (people.ValueKind != JsonValueKind.Number || !people.TryGetInt32(out var number) || number < 0 || number > plan.MostPeople)
        {
            throw new ReplayException($"people is not a whole number from 0 to {plan.MostPeople}");
        }

        return [new JournalEntry(++_id, Receive(Time(root, "at")), plan.Site.Id, "", new CountEntered(zone, number, "replay"))];
    }

    private List<JournalEntry> Batch(JsonElement root, string line, SitePlan plan)
    {
        var device = Text(root, "device");
        var (batch, refusal) = BatchReader.Read(Encoding.UTF8.GetBytes(line), MostBytes);
        if (batch is null)
        {
            throw new ReplayException($"{refusal!.Reason}: {refusal.Detail}");
        }

        var received = Receive(root.TryGetProperty("received", out _) ? Time(root, "received") : batch.SentAt);
        var key = (plan.Site.Id, device, batch.Stream);
        // A recording may begin in the middle of a stream: what was before it is not lost, it is not in the recording.
        var known = _known.TryGetValue(key, out var last) ? last : batch.First - 1;
        var entries = new List<JournalEntry>();
        switch (StreamOrder.Decide(known, batch))
        {
            case OrderDecision.Accept accept:
                if (accept.HasLoss)
                {
                    Note("events lost by the device", accept.LostTo - accept.LostFrom + 1);
                    entries.Add(Entry(new StreamGap(batch.Stream, accept.LostFrom, accept.LostTo)));
                }

                Note("duplicate events dropped", accept.Tail);
                var events = batch.Events.Skip(accept.Tail).Select(e => Journal(e, batch, plan, device, received)).ToArray();
                entries.Add(Entry(new EventsJournaled(batch.Stream, events)));
                _known[key] = batch.Last;
                break;
            case OrderDecision.OutOfOrder:
                Note("events after a gap not taken, as the server would wait for the device to go back", batch.Events.Count);
                break;
            default:
                Note("duplicate events dropped", batch.Events.Count);
                break;
        }

        return entries;

        JournalEntry Entry(JournalFact fact) => new(++_id, received, plan.Site.Id, device, fact);
    }

    private JournaledEvent Journal(DeviceEvent e, EventBatch batch, SitePlan plan, string device, DateTimeOffset received)
    {
        var aside = Admission.Check(plan, device, e);
        if (aside != SetAside.None)
        {
            Note($"events set aside: {aside}", 1);
        }

        Note("events taken", 1);
        var (at, certain) = EventTime.Of(e, batch.ClockSynced, batch.SentAt, received);
        return new JournaledEvent(e.Seq, at, certain, e.Sensor, e.Kind, e.Value, aside);
    }

    private void Note(string what, long count)
    {
        if (count > 0)
        {
            Counts[what] = Counts.GetValueOrDefault(what) + count;
        }
    }

    // Receipt never falls, in the journal as here.
    private DateTimeOffset Receive(DateTimeOffset at) => at.Year is < 1970 or >= 2200
        ? throw new ReplayException($"it came at {Rfc3339.Format(at)}; 1970 to 2200 is allowed")
        : _received = at > _received ? at : _received;

    private static string Text(JsonElement root, string key) =>
        root.TryGetProperty(key, out var e) && e.ValueKind == JsonValueKind.String && e.GetString() is { Length: > 0 } text
            ? text
            : throw new ReplayException($"{key} is missing or not a text");

    private static DateTimeOffset Time(JsonElement root, string key) =>
        Rfc3339.TryParse(Text(root, key), out var at) ? at : throw new ReplayException($"{key} is not an RFC 3339 time with an offset");
}
