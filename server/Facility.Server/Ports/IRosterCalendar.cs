using Facility.Contracts.OnCall;
using Facility.Domain.OnCall;

namespace Facility.Server.Ports;

/// <summary>A roster as iCalendar (RFC 5545).</summary>
public interface IRosterCalendar
{
    /// <summary>An event for each duty that a person has.</summary>
    string Write(string roster, IReadOnlyList<Duty> duties, Func<string, string> nameOf);

    /// <summary>The shifts in a calendar whose summaries name a person, in local time; and what could not be taken.</summary>
    /// <exception cref="FormatException">It is no calendar.</exception>
    (IReadOnlyList<Shift> Shifts, IReadOnlyList<string> Problems) Read(string text, IReadOnlyList<OnCallPerson> people, TimeZoneInfo zone);
}
