using System.Globalization;
using Facility.Contracts.OnCall;
using Facility.Domain.OnCall;
using Facility.Server.Ports;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using Calendar = Ical.Net.Calendar;

namespace Facility.Server.Adapters;

/// <summary><see cref="IRosterCalendar"/> by Ical.Net.</summary>
internal sealed class IcalRoster : IRosterCalendar
{
    private const int MostShifts = 5000;

    public string Write(string roster, IReadOnlyList<Duty> duties, Func<string, string> nameOf)
    {
        var calendar = new Calendar { ProductId = "-//Facility//on-call//NL" };
        foreach (var duty in duties)
        {
            calendar.Events.Add(new CalendarEvent
            {
                Uid = string.Create(CultureInfo.InvariantCulture, $"{roster}-{duty.From.ToUnixTimeSeconds()}@facility"),
                Summary = nameOf(duty.Person!),
                Categories = { duty.Person! },
                Start = new CalDateTime(duty.From.UtcDateTime, "UTC"),
                End = new CalDateTime(duty.Until.UtcDateTime, "UTC"),
                DtStamp = new CalDateTime(duty.From.UtcDateTime, "UTC"),
            });
        }

        return new CalendarSerializer().SerializeToString(calendar) ?? "";
    }

    public (IReadOnlyList<Shift> Shifts, IReadOnlyList<string> Problems) Read(string text, IReadOnlyList<OnCallPerson> people, TimeZoneInfo zone)
    {
        Calendar calendar;
        try
        {
            calendar = Calendar.Load(text) ?? throw new FormatException("it holds no calendar: it must begin with BEGIN:VCALENDAR");
        }
        catch (Exception e) when (e is not FormatException)
        {
            throw new FormatException($"it is not iCalendar: {e.Message}", e);
        }

        var (shifts, problems) = (new List<Shift>(), new List<string>());
        foreach (var e in calendar.Events.Take(MostShifts))
        {
            var named = (e.Categories ?? []).Append(e.Summary?.Trim()).OfType<string>().ToArray();
            var person = people.FirstOrDefault(p => named.Contains(p.Id) || named.Contains(p.Name));
            if (person is null || e.Start is null || e.End is null)
            {
                problems.Add($"\"{e.Summary}\" is not one of {string.Join(", ", people.Select(p => p.Name))}, or has no beginning or end");
            }
            else if (e.RecurrenceRule is not null)
            {
                problems.Add($"\"{e.Summary}\" of {e.Start} recurs: a rotation does that, a calendar gives single shifts");
            }
            else
            {
                shifts.Add(new Shift(person.Id, Local(e.Start), Local(e.End)));
            }
        }

        return (shifts, calendar.Events.Count > MostShifts ? [.. problems, $"only the first {MostShifts} are taken"] : problems);

        DateTime Local(CalDateTime at) => DateTime.SpecifyKind(
            at.IsFloating ? at.Value : TimeZoneInfo.ConvertTimeFromUtc(at.AsUtc, zone), DateTimeKind.Unspecified);
    }
}
