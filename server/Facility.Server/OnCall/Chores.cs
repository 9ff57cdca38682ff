using System.Globalization;
using Facility.Domain.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>What is owed to people besides incidents: the drill, who did not answer it, and gaps in a roster within a week.</summary>
internal sealed class Chores(Escalation escalation, IOnCallStore store)
{
    private static readonly TimeSpan Answer = TimeSpan.FromHours(24);
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <param name="lookedAt">When this was last asked: it changes nothing within the same minute.</param>
    /// <param name="known">Rows in memory, which the store's are added to where they matter.</param>
    public IEnumerable<Delivery> Owed(DateTimeOffset now, DateTimeOffset lookedAt, IEnumerable<Delivery> known)
    {
        if (now - lookedAt < TimeSpan.FromMinutes(1) && lookedAt <= now)
        {
            return [];
        }

        var rows = known.Where(d => d.Subject.Contains(':', StringComparison.Ordinal)).Select(d => (d.Subject, d.Person)).ToHashSet();
        return DrillsAt(now).Concat(Gaps(now)).Where(d => !rows.Contains((d.Subject, d.Person)) && !store.Of(d.Subject).Any(had => had.Person == d.Person));
    }

    /// <summary>The last drill that was to be; null without.</summary>
    public static DateTimeOffset? LastDrill(Escalation escalation, DateTimeOffset now)
    {
        if (escalation.Document.Drill?.Split(' ') is not [var day, var time])
        {
            return null;
        }

        var local = TimeZoneInfo.ConvertTime(now, escalation.Zone).DateTime;
        var weekday = Enum.Parse<DayOfWeek>(day, ignoreCase: true);
        var at = local.Date.AddDays(-(((int)local.DayOfWeek - (int)weekday + 7) % 7)) + TimeOnly.ParseExact(time, "HH:mm", CultureInfo.InvariantCulture).ToTimeSpan();
        return RosterClock.Instant(at, escalation.Zone) is var thisWeek && thisWeek <= now ? thisWeek : RosterClock.Instant(at.AddDays(-7), escalation.Zone);
    }

    public static string DrillOf(DateTimeOffset at) => PageText.Drill + at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private IEnumerable<Delivery> DrillsAt(DateTimeOffset now)
    {
        if (LastDrill(escalation, now) is not { } drill)
        {
            yield break;
        }

        var subject = DrillOf(drill);
        foreach (var person in escalation.Document.People)
        {
            if (now - drill < Answer)
            {
                yield return Row(subject, person.Id, now);
            }
            else if (now - drill < Week && store.Of(subject).Any(d => d.Person == person.Id) && !store.IsConfirmed(subject, person.Id))
            {
                foreach (var administrator in escalation.Document.Administrators ?? [])
                {
                    yield return Row($"{PageText.Unreachable}{subject[PageText.Drill.Length..]} {person.Id}", administrator, now);
                }
            }
        }
    }

    // Named by where it begins in the roster, which stays as time goes into it.
    private IEnumerable<Delivery> Gaps(DateTimeOffset now) =>
        from roster in escalation.Document.Rosters
        let clock = escalation.RosterOf(roster.Id)!
        from gap in clock.Between(now, now + Week)
        where gap.Person is null
        let begins = clock.At(gap.From).From
        from administrator in escalation.Document.Administrators ?? []
        select Row($"{PageText.Gap}{roster.Id} {(begins > Earliest ? begins : Earliest).ToUnixTimeSeconds()}", administrator, now);

    private Delivery Row(string subject, string person, DateTimeOffset now) =>
        new(Guid.CreateVersion7().ToString("N"), subject, now, 0, person, Urgent: false, now, escalation.Bundled(now, 0));
}
