using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.OnCall;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.OnCall;
using Facility.Domain.Places;
using Facility.Server.Adapters;
using Facility.Server.OnCall;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using DeliveryState = Facility.Domain.OnCall.DeliveryState;

namespace Facility.Tests.Unit.OnCall;

/// <summary>Who is called, in stories of one building, on a clock of their own, the real stores and channels that write down what they were given.</summary>
public sealed class OnCallStories : IDisposable
{
    private static readonly Site Ratelaar = new(
        "ratelaar", "Zuid", "Europe/Amsterdam", 250, [new Zone("hall", "Hal", 100)], [new Portal("main", "main-door", "outside", "hall")],
        [new Sensor("main-door", "d1", EventKinds.Passage), new Sensor("help", "d1", EventKinds.Button, "hall"), new Sensor("side", "d1", EventKinds.Contact, "hall")],
        OpeningHours: OpeningHours.Days.ToDictionary(d => d, _ => (IReadOnlyList<string>)["09:00-17:00"]));

    private static readonly ApiJson WithoutNulls = new(new JsonSerializerOptions(ApiJson.Default.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-piket");
    private FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 21, 40, 0, TimeSpan.Zero));
    private readonly Recorder _mail = new("email");
    private readonly Recorder _push = new("ntfy");
    private OnCallDocument _document = Document();
    private SqliteIncidentStore _incidents = null!;
    private SqliteOnCallStore _store = null!;
    private IncidentDesk _desk = null!;
    private Links _links = null!;
    private Pager _pager = null!;
    private long _entry;

    public OnCallStories() => Start();

    public void Dispose()
    {
        Kill();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Somebody_walks_in_at_night_and_is_called_on_until_a_person_answers()
    {
        Tell("main-door", EventKinds.Passage, 1);
        await PassAsync(2);
        Assert.Equal(["anna"], Told());
        Assert.Equal("Iemand binnen bij gesloten: Zuid", _push.Messages[0].Title);
        Assert.Contains("1. Kijk in de agenda", _push.Messages[0].Text, StringComparison.Ordinal);

        // Sent is not enough: nobody answers.
        await PassAsync(5);
        Assert.Equal(["anna", "anna", "bram"], Told());
        await PassAsync(5);
        Assert.Equal(["anna", "anna", "bram", "anna", "bram", "chris"], Told());
        await PassAsync(10);
        Assert.Equal(["anna", "anna", "bram", "anna", "bram", "chris", "anna", "bram", "chris"], Told());

        Acknowledge("Bram");
        await PassAsync(29);
        Assert.Equal(9, Told().Length);

        // The acknowledgement lapses: it begins anew.
        await PassAsync(3);
        Assert.Equal("anna", Told()[9]);
        Assert.All(Single().Timeline.Where(t => t.What.StartsWith("Anna by", StringComparison.Ordinal)), t => Assert.Equal("Anna by ntfy: sent", t.What));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    public async Task A_restart_at_any_moment_tells_nobody_twice_and_goes_on_with_the_next_step(int minutes)
    {
        Press();
        await PassAsync(minutes);
        var told = Told();
        Kill();
        Start();
        await PassAsync(0);
        Assert.Equal(told, Told());
        await PassAsync(11 - minutes);
        Assert.Equal(["anna", "anna", "bram", "anna", "bram", "chris"], Told());
    }

    [Fact]
    public async Task Killed_between_the_promise_and_the_provider_it_is_sent_by_the_next_start_with_the_same_id()
    {
        _push.Hold();
        Press();
        _pager.Step(CancellationToken.None);
        Kill();
        _push.Release();
        Start();
        await PassAsync(0);
        Assert.Equal(2, _push.Messages.Count);
        Assert.Equal(_push.Messages[0].Id, _push.Messages[1].Id);
    }

    [Fact]
    public async Task After_an_hour_without_power_the_one_on_call_and_everybody_hear_at_once_and_each_only_once()
    {
        Press();
        Kill();
        _time.Advance(TimeSpan.FromHours(1));
        Start();
        await PassAsync(0);
        Assert.Equal(["anna", "anna", "bram", "chris"], Told().Order());
    }

    [Fact]
    public async Task A_channel_that_fails_is_tried_again_then_the_next_one_and_then_the_next_person_without_waiting()
    {
        _push.Answer = new SendAnswer(SendOutcome.Failed, "503");
        Press();
        await PassAsync(0, seconds: 15);
        Assert.Equal(["anna", "anna", "anna"], _push.Messages.Select(m => m.Person));
        Assert.Equal(["anna"], _mail.Messages.Select(m => m.Person));

        Kill();
        Start();
        _mail.Answer = _push.Answer = new SendAnswer(SendOutcome.Refused, "no such address");
        Acknowledge("Anna");
        Resolve();
        _mail.Messages.Clear();
        _push.Messages.Clear();
        Press();
        await PassAsync(0, seconds: 5);
        Assert.Contains("bram", Told());
        Assert.Contains(_store.Of(Single().Id), d => d is { Person: "anna", State: DeliveryState.Failed, Attempts.Count: 2 });
    }

    [Fact]
    public async Task A_channel_that_hangs_holds_up_nobody_else()
    {
        _push.Hold();
        Use(Document() with { Policies = [new EscalationPolicy("urgent", [new EscalationStep(["person:anna", "person:chris"])]), Normal] });
        Press();
        _pager.Step(CancellationToken.None);
        Assert.Equal(["chris"], _mail.Messages.Select(m => m.Person));
        _time.Advance(TimeSpan.FromSeconds(16));
        await _pager.Answered;
        Assert.Contains(_store.Of(Single().Id), d => d is { Person: "anna", Tries: 1 } && d.Attempts![0].Detail.StartsWith("no answer", StringComparison.Ordinal));
        _push.Release();
    }

    [Fact]
    public async Task A_delivery_that_is_reported_before_the_provider_has_answered_is_delivered_and_stops_nothing()
    {
        _push.Hold();
        Press();
        _pager.Step(CancellationToken.None);
        Assert.True(_pager.Delivered(_push.Messages[0].Id, "read"));
        _push.Release();
        await _pager.Answered;
        Assert.Equal((DeliveryState.Delivered, 2), (_store.Of(Single().Id)[0].State, _store.Of(Single().Id)[0].Attempts!.Count));
        await PassAsync(5);
        Assert.Equal(["anna", "anna", "bram"], Told());
    }

    [Fact]
    public async Task What_is_not_urgent_is_told_together_and_not_at_night()
    {
        _time.SetUtcNow(new DateTimeOffset(2026, 11, 24, 21, 50, 0, TimeSpan.Zero));
        Take(new ReachabilityChanged(false));
        Tell("side", EventKinds.Contact, 1);
        await PassAsync(60);
        Assert.Empty(Told());
        await PassAsync(8 * 60);
        var message = Assert.Single(_push.Messages);
        Assert.False(message.Urgent);
        Assert.Equal("2 meldingen", message.Title);
    }

    [Fact]
    public async Task A_hand_over_during_an_incident_calls_whoever_is_on_call_then()
    {
        // Monday at nine, in Amsterdam.
        _time.SetUtcNow(new DateTimeOffset(2026, 11, 30, 7, 57, 0, TimeSpan.Zero));
        Use(Document() with { Policies = [new EscalationPolicy("urgent", [new EscalationStep(["roster:piket"]), new EscalationStep(["roster:piket"])]), Normal] });
        Press();
        await PassAsync(6);
        Assert.Equal(["anna", "bram"], Told());
    }

    [Fact]
    public async Task A_gap_in_the_roster_passes_on_at_once_and_was_warned_of_a_week_before()
    {
        var away = new Shift("anna", new DateTime(2026, 11, 28, 12, 0, 0), new DateTime(2026, 11, 29, 12, 0, 0));
        Use(Document() with { Rosters = [Document().Rosters[0] with { Absences = [away] }] });
        await PassAsync(12 * 60);
        var warning = Assert.Single(_mail.Messages);
        Assert.Equal(("chris", "Nobody is on call: piket"), (warning.Person, warning.Title));
        Assert.Contains("Saturday 28 November 12:00", warning.Text, StringComparison.Ordinal);

        _time.SetUtcNow(new DateTimeOffset(2026, 11, 28, 13, 0, 0, TimeSpan.Zero));
        Press();
        await PassAsync(0);
        Assert.Equal(["bram"], _push.Messages.Select(m => m.Person));
    }

    [Fact]
    public async Task A_drill_asks_everybody_each_week_and_who_does_not_answer_is_reported()
    {
        Use(Document() with { Drill = "wednesday 10:00" });
        _time.SetUtcNow(new DateTimeOffset(2026, 11, 25, 8, 59, 0, TimeSpan.Zero));
        await PassAsync(3);
        Assert.Equal(["anna", "bram", "chris"], Told());
        Assert.Equal("Oefening: bent u bereikbaar?", _push.Messages[0].Title);
        foreach (var message in _push.Messages.Where(m => m.Person == "anna").Concat(_mail.Messages))
        {
            var link = _links.Find(message.Link!.Segments[^1], _time.GetUtcNow())!;
            _store.Confirm(link.Subjects[0], link.Person, _time.GetUtcNow());
        }

        await PassAsync(25 * 60);
        Assert.Equal(["Drill: can we reach you?", "Bram cannot be reached"], _mail.Messages.Select(m => m.Title));
    }

    [Fact]
    public async Task With_the_clock_set_back_after_it_opened_nobody_waits_for_the_clock()
    {
        Press();
        Kill();
        _time = new FakeTimeProvider(_time.GetUtcNow().AddHours(-3));
        Start();
        await PassAsync(6);
        Assert.Equal(["anna", "anna", "bram"], Told());
    }

    private static EscalationPolicy Normal => new("normal", [new EscalationStep(["roster:piket"], 240)], Repeat: 240);

    private static OnCallDocument Document() => new(
        [
            new OnCallPerson("anna", "Anna", [new ChannelAddress("ntfy", "anna"), new ChannelAddress("email", "anna@example.org")]),
            new OnCallPerson("bram", "Bram", [new ChannelAddress("ntfy", "bram")]),
            new OnCallPerson("chris", "Chris", [new ChannelAddress("email", "chris@example.org")], "en"),
        ],
        [new Roster("piket", "Piket", [new Rotation(new DateOnly(2026, 11, 23), ["anna", "bram"])])],
        [new EscalationPolicy("urgent", [new EscalationStep(["roster:piket"]), new EscalationStep(["roster:piket", "person:bram"])]), Normal],
        QuietHours: "22:00-07:00",
        Administrators: ["chris"]);

    private void Start()
    {
        _incidents = new SqliteIncidentStore(Path.Combine(_folder.FullName, "incidents.db"));
        _store = new SqliteOnCallStore(Path.Combine(_folder.FullName, "on-call.db"));
        _desk = new IncidentDesk(_incidents, _ => new SitePlans(new SitesDocument([Ratelaar])));
        _links = new Links(_store, new Uri("https://facility.example.org"));
        Use(_document);
    }

    // As a kill does: nothing is finished.
    private void Kill()
    {
        _pager.Dispose();
        _store.Dispose();
        _incidents.Dispose();
    }

    private void Use(OnCallDocument document)
    {
        _document = document;
        var file = Path.Combine(_folder.FullName, "on-call.json");
        File.WriteAllText(file, JsonSerializer.Serialize(document, WithoutNulls.OnCallDocument));
        var rules = new OnCallRules(new OnCallFile([_mail, _push]), file, _time, NullLogger<OnCallRules>.Instance);
        rules.Start();
        _pager = new Pager(rules, _store, _desk, _incidents, new Places(), _links, [_mail, _push], _time, NullLogger<Pager>.Instance);
        _pager.Load();
    }

    private string[] Told() => [.. _push.Messages.Select(m => (m, _push.At[m])).Concat(_mail.Messages.Select(m => (m, _mail.At[m]))).OrderBy(m => m.Item2).Select(m => m.m.Person)];

    private void Press() => Tell("help", EventKinds.Button, 1);

    private void Tell(string sensor, string kind, double value) =>
        Take(new EventsJournaled(Guid.Empty, [new JournaledEvent(++_entry, _time.GetUtcNow(), true, sensor, kind, value, SetAside.None)]));

    private void Take(JournalFact fact) => _desk.Take([new JournalEntry(++_entry, _time.GetUtcNow(), "ratelaar", "d1", fact)]);

    private void Acknowledge(string who)
    {
        foreach (var incident in _desk.Now.Unresolved)
        {
            Take(new PersonActed(Guid.NewGuid(), incident.Id, PersonActed.Acknowledgement, who));
        }
    }

    private void Resolve()
    {
        foreach (var incident in _desk.Now.Unresolved)
        {
            Take(new PersonActed(Guid.NewGuid(), incident.Id, PersonActed.Resolution, "Anna"));
        }

        Tell("help", EventKinds.Button, 0);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private Incident Single() => _desk.Now.Unresolved.Single();

    private async Task PassAsync(int minutes, int seconds = 0)
    {
        await StepAsync();
        for (var i = 0; i < (minutes > 120 ? minutes : (minutes * 60) + seconds); i++)
        {
            _time.Advance(minutes > 120 ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(1));
            await StepAsync();
        }
    }

    private async Task StepAsync()
    {
        _desk.Tick(_time.GetUtcNow());

        // An answer wakes it again: the next channel, the next person.
        for (var i = 0; i < 4; i++)
        {
            _pager.Step(CancellationToken.None);
            await _pager.Answered;
        }
    }

    private sealed class Places : ISitesDirectory
    {
        public SitesDocument Current { get; } = new([Ratelaar]);
    }

    private sealed class Recorder(string kind) : IChannel
    {
        private static int _order;
        private TaskCompletionSource? _held;

        public string Kind => kind;

        public List<Message> Messages { get; } = [];

        public Dictionary<Message, int> At { get; } = [];

        public SendAnswer Answer { get; set; } = new(SendOutcome.Sent, "ok");

        public void Hold() => _held = new TaskCompletionSource();

        public void Release()
        {
            _held?.TrySetResult();
            _held = null;
        }

        public string? Refusal(string address) => address.Length > 0 ? null : "an address is needed";

        public async Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
        {
            Messages.Add(message);
            At[message] = Interlocked.Increment(ref _order);
            if (_held is { } held)
            {
                await held.Task.WaitAsync(cancellation);
            }

            return Answer;
        }
    }
}
