using Facility.Contracts.OnCall;

namespace Facility.Domain.OnCall;

/// <summary>A step of a policy as it falls out at a moment.</summary>
/// <param name="Index">From 0; beyond the policy's own it is everybody again.</param>
/// <param name="People">Empty in a gap of the roster: the next step begins at once.</param>
public sealed record StepDue(int Index, DateTimeOffset At, IReadOnlyList<string> People);

/// <summary>Who is to be told now of an incident that nobody has acknowledged. It ends only with a person: nothing that a provider says stops it.</summary>
public sealed class Escalation(OnCallDocument document)
{
    private const string Roster = "roster:";
    private const string Person = "person:";
    private const string Everybody = "everybody";
    private const string Urgent = "urgent";

    /// <summary>A policy of steps without anybody would never wait: so many are looked through at once.</summary>
    private const int MostSteps = 100_000;

    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(document.TimeZone);

    public OnCallDocument Document => document;

    public TimeZoneInfo Zone => _zone;

    public EscalationPolicy? PolicyOf(string site, string severity) =>
        document.Policies.FirstOrDefault(p => p.Severity == severity && (p.Sites is null || p.Sites.Contains(site)));

    public OnCallPerson? Find(string person) => document.People.FirstOrDefault(p => p.Id == person);

    public RosterClock? RosterOf(string id) => document.Rosters.FirstOrDefault(r => r.Id == id) is { } roster ? new RosterClock(roster, _zone) : null;

    /// <summary>Whom a step's own list names at an instant, each once.</summary>
    public IReadOnlyList<string> People(IEnumerable<string> notify, DateTimeOffset at) => [.. notify.SelectMany(who => Named(who, at)).Distinct()];

    /// <summary>The steps that have begun by now, with who is named by each at its own time.</summary>
    /// <param name="since">When the incident came to stand open.</param>
    /// <param name="made">The deliveries of it since then: a step all of whose deliveries failed does not wait for its time.</param>
    public IReadOnlyList<StepDue> Begun(EscalationPolicy policy, DateTimeOffset since, IReadOnlyCollection<Delivery> made, DateTimeOffset now)
    {
        var begun = new List<StepDue>();
        var at = since;
        for (var index = 0; at <= now && index < MostSteps; index++)
        {
            var step = index < policy.Steps.Count ? policy.Steps[index] : null;
            var people = People(step?.Notify ?? [Everybody], at);
            begun.Add(new StepDue(index, at, people));
            var ofStep = made.Where(d => d.Step == index).ToArray();

            // What waits for the morning is given its time from then on.
            var told = policy.Severity == Urgent || ofStep.Length == 0 ? at : ofStep.Max(d => d.DueAt);
            var next = (told > at ? told : at).AddMinutes(step?.After ?? policy.Repeat);
            if (people.Count == 0 && step is not null)
            {
                next = at;
            }
            else if (ofStep.Length > 0 && step is not null && Array.TrueForAll(ofStep, d => d.State == DeliveryState.Failed))
            {
                var failed = ofStep.Max(d => d.Attempts?.Count > 0 ? d.Attempts[^1].At : d.DueAt);
                next = failed < next ? failed : next;
            }

            at = next;
        }

        return begun;
    }

    /// <summary>The deliveries that are owed by now and not made yet. Of steps that passed while nothing ran only the newest is: people are told once.</summary>
    public IReadOnlyList<Delivery> Owed(
        string subject, EscalationPolicy policy, DateTimeOffset since, IReadOnlyCollection<Delivery> made, DateTimeOffset now, Func<string> newId)
    {
        var urgent = policy.Severity == Urgent;
        var begun = Begun(policy, since, made, now).Where(s => s.People.Count > 0 || s.Index >= policy.Steps.Count).ToArray();
        var passed = made.Count == 0 ? -1 : made.Max(d => d.Step);
        if (begun.LastOrDefault(s => s.Index > passed) is not { } step)
        {
            return [];
        }

        // The first step is owed by itself also where a later one has begun: whoever is on call hears first, and then the others.
        StepDue[] steps = passed < 0 && begun[0] != step ? [begun[0], step] : [step];
        return
        [
            .. steps.SelectMany(s => s.People.Select(person => new Delivery(
                newId(), subject, since, s.Index, person, urgent, now, urgent ? now : Bundled(now, policy.Bundle)))),
        ];
    }

    /// <summary>When something that wakes nobody is told: with others, and not at night.</summary>
    public DateTimeOffset Bundled(DateTimeOffset now, int minutes)
    {
        var at = now.AddMinutes(minutes);
        if (document.QuietHours is not { } quiet)
        {
            return at;
        }

        var local = TimeZoneInfo.ConvertTime(at, _zone).DateTime;
        var (from, until) = (TimeOf(quiet[..5]), TimeOf(quiet[6..]));
        var time = TimeOnly.FromDateTime(local);
        if (!(from < until ? time >= from && time < until : time >= from || time < until))
        {
            return at;
        }

        var end = local.Date.Add(until.ToTimeSpan());
        return RosterClock.Instant(end <= local ? end.AddDays(1) : end, _zone);
    }

    private IEnumerable<string> Named(string who, DateTimeOffset at)
    {
        if (who == Everybody)
        {
            return document.People.Select(p => p.Id);
        }

        var person = who.StartsWith(Person, StringComparison.Ordinal) ? who[Person.Length..] : RosterOf(who[Roster.Length..])?.At(at).Person;
        return person is null ? [] : [person];
    }

    private static TimeOnly TimeOf(string text) => TimeOnly.ParseExact(text, "HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
