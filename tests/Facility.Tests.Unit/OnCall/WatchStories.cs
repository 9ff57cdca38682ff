using System.Collections.Concurrent;
using Facility.Domain.OnCall;
using Facility.Server.OnCall;
using Facility.Server.Ports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.OnCall;

/// <summary>The watch over a server, on a clock of its own.</summary>
public sealed class WatchStories : IDisposable
{
    private static readonly TimeSpan After = TimeSpan.FromMinutes(3);
    private readonly string _folder = Directory.CreateTempSubdirectory("facility-test-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 21, 40, 0, TimeSpan.Zero));
    private readonly FakeChannel _email = new("email");
    private readonly FakeChannel _ntfy = new("ntfy");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_server_that_calls_each_minute_is_never_told_of()
    {
        var (vigil, began) = (new Vigil(TimeSpan.Zero), _time.GetTimestamp());
        for (var minute = 0; minute < 10_000; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            (vigil, var looked) = vigil.Looked(_time.GetElapsedTime(began), After);
            (vigil, var heard) = vigil.Heard(_time.GetElapsedTime(began));
            Assert.Equal((VigilNews.Nothing, VigilNews.Nothing), (looked, heard));
        }
    }

    [Fact]
    public void A_silence_is_told_once_it_lasts_again_every_ten_minutes_and_its_end_once()
    {
        var (vigil, began) = (new Vigil(TimeSpan.Zero), _time.GetTimestamp());
        var told = new List<(double Minute, VigilNews News)>();
        void Note(Func<Vigil, TimeSpan, (Vigil, VigilNews)> step)
        {
            var now = _time.GetElapsedTime(began);
            (vigil, var news) = step(vigil, now);
            if (news is not VigilNews.Nothing)
            {
                told.Add((now.TotalMinutes, news));
            }
        }

        for (var second = 0; second < 30 * 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Note((v, now) => v.Looked(now, After));
        }

        Note((v, now) => v.Heard(now));
        Note((v, now) => v.Heard(now));
        Assert.Equal([(3, VigilNews.Silent), (13, VigilNews.Silent), (23, VigilNews.Silent), (30, VigilNews.Back)], told);
    }

    [Fact]
    public async Task The_named_person_is_told_in_their_language_by_the_next_channel_when_one_refuses_and_hears_when_it_is_back()
    {
        _email.Answer = _ => new SendAnswer(SendOutcome.Refused, "no such mailbox");
        using var keeper = Keeper("person:anna");
        _time.Advance(After);
        keeper.Look();
        await keeper.Telling;
        Assert.Equal(("anna@example.org", "https://ntfy.example.org/anna"), (Assert.Single(_email.Had).Address, Assert.Single(_ntfy.Had).Address));
        Assert.Equal("Facility zwijgt: alarmen komen niet meer door", _ntfy.Had.Single().Title);
        Assert.Contains("sinds dinsdag 24 november 22:40", _ntfy.Had.Single().Text, StringComparison.Ordinal);
        Assert.True(_ntfy.Had.Single().Urgent);

        _time.Advance(TimeSpan.FromMinutes(2));
        keeper.Heard();
        await keeper.Telling;
        Assert.Equal(("Facility is terug", false), (_ntfy.Had.Last().Title, _ntfy.Had.Last().Urgent));
        Assert.Contains("22:45", _ntfy.Had.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_is_down_is_tried_again_and_one_that_hangs_is_left_for_the_next()
    {
        _email.Answer = _ => _email.Had.Count < 2 ? new SendAnswer(SendOutcome.Failed, "not now") : null;
        using var keeper = Keeper("person:anna");
        _time.Advance(After);
        keeper.Look();
        while (!keeper.Telling.IsCompleted)
        {
            // Each wait is of the virtual clock: it goes on while the watch waits.
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Equal((3, 1), (_email.Had.Count, _ntfy.Had.Count));
        Assert.Single(_email.Had.Select(m => m.Id).Distinct());
    }

    [Fact]
    public async Task What_is_new_ends_what_was_still_tried()
    {
        (_email.Answer, _ntfy.Answer) = (_ => null, _ => null);
        using var keeper = Keeper("person:anna");
        _time.Advance(After);
        keeper.Look();
        var silent = keeper.Telling;
        _email.Answer = _ => new SendAnswer(SendOutcome.Sent, "taken");
        keeper.Heard();
        await silent;
        await keeper.Telling;
        Assert.Equal("Facility is terug", _email.Had.Last().Title);
    }

    [Theory]
    [InlineData("roster:empty", new[] { "anna@example.org", "ben@example.org" })]
    [InlineData("roster:piket", new[] { "ben@example.org" })]
    [InlineData("everybody", new[] { "anna@example.org", "ben@example.org" })]
    public async Task A_roster_is_asked_who_it_is_then_and_where_it_names_nobody_everybody_is_told(string notify, string[] expected)
    {
        using var keeper = Keeper(notify);
        _time.Advance(After);
        keeper.Look();
        await keeper.Telling;
        Assert.Equal(expected, _email.Had.Select(m => m.Address).Order(StringComparer.Ordinal));
    }

    private Watchkeeper Keeper(params string[] notify)
    {
        var path = Path.Combine(_folder, "on-call.json");
        File.WriteAllText(path, """
            {
              "people": [
                { "id": "anna", "name": "Anna", "channels": [{ "kind": "email", "address": "anna@example.org" }, { "kind": "ntfy", "address": "https://ntfy.example.org/anna" }] },
                { "id": "ben", "name": "Ben", "language": "en", "channels": [{ "kind": "email", "address": "ben@example.org" }] }
              ],
              "rosters": [
                { "id": "piket", "name": "Piket", "rotations": [{ "from": "2026-01-05", "people": ["ben"] }] },
                { "id": "empty", "name": "Leeg", "rotations": [{ "from": "2026-01-05", "people": ["anna"], "until": "2026-02-02" }] }
              ],
              "policies": [{ "severity": "urgent", "steps": [{ "notify": ["everybody"] }] }, { "severity": "normal", "steps": [{ "notify": ["everybody"] }] }]
            }
            """);
        IChannel[] channels = [_email, _ntfy];
        var rules = new OnCallRules(new OnCallFile(channels), path, _time, NullLogger<OnCallRules>.Instance);
        rules.Start();
        return new Watchkeeper(new WatchRule(After, notify), rules, channels, _time, NullLogger<Watchkeeper>.Instance);
    }

    private sealed class FakeChannel(string kind) : IChannel
    {
        public ConcurrentQueue<Message> Had { get; } = new();

        /// <summary>Null: it hangs.</summary>
        public Func<Message, SendAnswer?> Answer { get; set; } = _ => new SendAnswer(SendOutcome.Sent, "taken");

        public string Kind => kind;

        public string? Refusal(string address) => null;

        public async Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
        {
            var answer = Answer(message);
            Had.Enqueue(message);
            if (answer is null)
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            return answer!;
        }
    }
}
