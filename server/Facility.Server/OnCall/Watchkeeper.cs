using Facility.Contracts.OnCall;
using Facility.Domain.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <param name="After">How long the server may be silent.</param>
/// <param name="Notify"><c>person:anna</c>, <c>roster:piket</c> or <c>everybody</c>; where they come to nobody, everybody is told.</param>
internal sealed record WatchRule(TimeSpan After, IReadOnlyList<string> Notify);

/// <summary>Tells people that a server is silent, by their own channels: it needs nothing of that server, and is best run elsewhere.</summary>
/// <remarks>It remembers nothing over a restart: a silence that goes on is told once more. What is new ends what was still being tried.</remarks>
internal sealed class Watchkeeper(WatchRule rule, OnCallRules rules, IEnumerable<IChannel> channels, TimeProvider time, ILogger<Watchkeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly ChannelCalls _calls = new(channels, time, logger);
    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private Vigil _vigil = new(TimeSpan.Zero);
    private CancellationTokenSource _telling = new();

    /// <summary>The last news' messages; they end when each person has one, or all their channels failed.</summary>
    internal Task Telling { get; private set; } = Task.CompletedTask;

    /// <summary>The server called.</summary>
    public void Heard()
    {
        lock (_gate)
        {
            var since = time.GetUtcNow();
            (_vigil, var news) = _vigil.Heard(time.GetElapsedTime(_began));
            Tell(news, since);
        }
    }

    /// <summary>Tells people where it has been silent for too long.</summary>
    internal void Look()
    {
        lock (_gate)
        {
            var now = time.GetElapsedTime(_began);
            var since = time.GetUtcNow() - (now - _vigil.HeardAt);
            (_vigil, var news) = _vigil.Looked(now, rule.After);
            Tell(news, since);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Look();
            await Task.Delay(Beat, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task telling;
        lock (_gate)
        {
            _telling.Cancel();
            telling = Telling;
        }

        await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _telling.Dispose();
    }

    private void Tell(VigilNews news, DateTimeOffset since)
    {
        if (news is VigilNews.Nothing || rules.Current is not { } escalation)
        {
            return;
        }

        _telling.Cancel();
        _telling.Dispose();
        _telling = new CancellationTokenSource();
        var named = escalation.People(rule.Notify, time.GetUtcNow()).Select(escalation.Find).OfType<OnCallPerson>().ToArray();
        OnCallPerson[] people = named.Length > 0 ? named : [.. escalation.Document.People];
        logger.LogWarning("The server {Is}, since {Since:u}: {People} are told", news is VigilNews.Silent ? "is silent" : "calls again", since, string.Join(", ", people.Select(p => p.Name)));
        var cancellation = _telling.Token;
        Telling = Task.WhenAll(people.Select(p => Task.Run(() => TellAsync(p, news, PageText.Local(p.Language, since, escalation.Zone), cancellation), CancellationToken.None)));
    }

    private async Task TellAsync(OnCallPerson person, VigilNews news, string since, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var delivery = new Delivery(Guid.CreateVersion7().ToString("N"), "watch:", now, 0, person.Id, Urgent: news is VigilNews.Silent, now, now);
        try
        {
            while (!delivery.IsOver)
            {
                await Task.Delay(delivery.DueAt > now ? delivery.DueAt - now : TimeSpan.Zero, time, cancellation);
                var address = person.Channels[delivery.Channel];
                var answer = await _calls.TryAsync(
                    new Message(
                        delivery.Id, null, person.Id, address.Kind, address.Address, PageText.T(person.Language, "Page." + news),
                        PageText.T(person.Language, $"Page.{news}Text", since), null, delivery.Urgent, person.Language),
                    cancellation);
                now = time.GetUtcNow();
                delivery = delivery.After(
                    address.Kind, ChannelCalls.Word(answer.Outcome), answer.Detail, person.Channels.Count, now);
                logger.Log(
                    answer.Outcome is SendOutcome.Sent ? LogLevel.Information : LogLevel.Error, "{Person} by {Kind}: {Outcome}, {Detail}", person.Name, address.Kind, answer.Outcome, answer.Detail);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // There is newer news, or the watch ends.
        }
    }
}
