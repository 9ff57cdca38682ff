using System.Globalization;
using Facility.Contracts.OnCall;

namespace Facility.Domain.OnCall;

/// <summary>Who is on call from one instant to another; nobody in a gap.</summary>
public readonly record struct Duty(string? Person, DateTimeOffset From, DateTimeOffset Until);

/// <summary>
/// Reads a roster by instants. A local time that summer time skips is the instant at which it is skipped, one that comes twice is the first:
/// so turns follow one another without a hole or an overlap, and every instant has one answer.
/// </summary>
public sealed class RosterClock(Roster roster, TimeZoneInfo zone)
{
    /// <summary>Of what rules at an instant: by whom, and until when nothing else can.</summary>
    public Duty At(DateTimeOffset instant)
    {
        var (from, until) = (DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        string? person = null;
        foreach (var rotation in roster.Rotations)
        {
            var turn = Turn(rotation, instant);
            Narrow(turn.From, turn.Until);
            person = turn.Person ?? person;
        }

        foreach (var away in roster.Absences ?? [])
        {
            person = Within(away) && away.Person == person ? null : person;
        }

        foreach (var taken in roster.Overrides ?? [])
        {
            person = Within(taken) ? taken.Person : person;
        }

        return new Duty(person, from, until);

        void Narrow(DateTimeOffset begin, DateTimeOffset end)
        {
            from = begin > from ? begin : from;
            until = end < until ? end : until;
        }

        bool Within(Shift shift)
        {
            var (begin, end) = (Instant(shift.From, zone), Instant(shift.Until, zone));
            if (instant < begin)
            {
                Narrow(DateTimeOffset.MinValue, begin);
                return false;
            }

            if (instant >= end)
            {
                Narrow(end, DateTimeOffset.MaxValue);
                return false;
            }

            Narrow(begin, end);
            return true;
        }
    }

    /// <summary>All that is on duty in a range, in order, gaps included; what touches and is the same person's is one.</summary>
    public IReadOnlyList<Duty> Between(DateTimeOffset from, DateTimeOffset until)
    {
        var duties = new List<Duty>();
        for (var at = from; at < until;)
        {
            var duty = At(at);
            var end = duty.Until < until ? duty.Until : until;
            if (duties.Count > 0 && duties[^1].Person == duty.Person)
            {
                duties[^1] = duties[^1] with { Until = end };
            }
            else
            {
                duties.Add(new Duty(duty.Person, at, end));
            }

            at = end;
        }

        return duties;
    }

    /// <summary>The instant of a local time: of one that is skipped the jump, of one that comes twice the first.</summary>
    public static DateTimeOffset Instant(DateTime time, TimeZoneInfo zone)
    {
        var local = DateTime.SpecifyKind(time, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(local))
        {
            // Where the clock jumps ahead all of the hour that is not there is the instant of the jump.
            var after = local;
            while (zone.IsInvalidTime(after))
            {
                after = after.AddMinutes(1);
            }

            return new DateTimeOffset(after, zone.GetUtcOffset(after)).AddTicks(-(after.Ticks % TimeSpan.TicksPerMinute)).ToUniversalTime();
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    private Duty Turn(Rotation rotation, DateTimeOffset instant)
    {
        var handOver = TimeOnly.ParseExact(rotation.HandOver, "HH:mm", CultureInfo.InvariantCulture);
        DateTimeOffset Start(long turn) => Instant(rotation.From.AddDays((int)(turn * rotation.Days)).ToDateTime(handOver), zone);
        var begin = Start(0);
        var end = rotation.Until is { } last ? Instant(last.ToDateTime(handOver), zone) : DateTimeOffset.MaxValue;
        if (instant < begin || rotation.People.Count == 0)
        {
            return new Duty(null, DateTimeOffset.MinValue, rotation.People.Count == 0 ? DateTimeOffset.MaxValue : begin);
        }

        if (instant >= end)
        {
            return new Duty(null, end, DateTimeOffset.MaxValue);
        }

        // Days are 23 to 25 hours long: the guess is off by one turn at most.
        var turn = (long)((instant - begin).TotalDays / rotation.Days);
        turn += Start(turn) > instant ? -1 : Start(turn + 1) <= instant ? 1 : 0;
        var until = Start(turn + 1);
        return new Duty(rotation.People[(int)(turn % rotation.People.Count)], Start(turn), until < end ? until : end);
    }
}
