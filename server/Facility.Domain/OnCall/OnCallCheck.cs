using System.Globalization;
using System.Text.RegularExpressions;
using Facility.Contracts.OnCall;

namespace Facility.Domain.OnCall;

/// <summary>What refers to nothing in an on-call file, or cannot be read; each line says where, what, and what is allowed.</summary>
public static partial class OnCallCheck
{
    private static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    /// <param name="addressRefusal">What is wrong with an address of a kind of channel; null for nothing.</param>
    public static IReadOnlyList<string> Check(OnCallDocument document, Func<ChannelAddress, string?> addressRefusal)
    {
        var problems = new List<string>();
        var people = document.People.Select(p => p.Id).ToHashSet();
        var rosters = document.Rosters.Select(r => r.Id).ToHashSet();
        var names = string.Join(", ", people);
        Unless(document.People.Count > 0, "people: nobody is named; at least one person is needed");
        Unless(people.Count == document.People.Count, "people: an id is there twice; each is a person of its own");
        Unless(rosters.Count == document.Rosters.Count, "rosters: an id is there twice");
        Unless(TimeZoneInfo.TryFindSystemTimeZoneById(document.TimeZone, out _), $"timeZone: {document.TimeZone} is not known; give an IANA name such as Europe/Amsterdam");
        Unless(document.QuietHours is null || Quiet().IsMatch(document.QuietHours), $"quietHours: {document.QuietHours} is not allowed; give HH:MM-HH:MM");
        Unless(document.Drill is null || (Time().Match(document.Drill) is { Success: true } drill && Days.Contains(drill.Groups[1].Value)),
            $"drill: {document.Drill} is not allowed; give a day and a time such as monday 10:00");
        foreach (var administrator in document.Administrators ?? [])
        {
            Unless(people.Contains(administrator), $"administrators: {administrator} is not one of {names}");
        }

        foreach (var person in document.People)
        {
            Unless(person.Language is "nl" or "en", $"people.{person.Id}.language: {person.Language} is not allowed; nl or en is");
            Unless(person.Channels.Count > 0, $"people.{person.Id}.channels: is empty; without one nobody can reach {person.Name}");
            foreach (var channel in person.Channels)
            {
                var refusal = addressRefusal(channel);
                Unless(refusal is null, $"people.{person.Id}.channels: {refusal}");
            }
        }

        foreach (var roster in document.Rosters)
        {
            Unless(roster.Rotations.Count > 0, $"rosters.{roster.Id}.rotations: is empty; at least one is needed");
            foreach (var rotation in roster.Rotations)
            {
                Unless(rotation.Days is >= 1 and <= 366, $"rosters.{roster.Id}.days: {rotation.Days} is not allowed; 1 to 366 is");
                Unless(HandOver().IsMatch(rotation.HandOver), $"rosters.{roster.Id}.handOver: {rotation.HandOver} is not allowed; give HH:MM");
                Unless(rotation.People.Count > 0, $"rosters.{roster.Id}.people: is empty");
                Unless(rotation.Until is null || rotation.Until > rotation.From, $"rosters.{roster.Id}.until: {rotation.Until:yyyy-MM-dd} is not after {rotation.From:yyyy-MM-dd}");
                Known(rotation.People, $"rosters.{roster.Id}.people");
            }

            foreach (var shift in (roster.Overrides ?? []).Concat(roster.Absences ?? []))
            {
                Unless(shift.From < shift.Until, string.Create(CultureInfo.InvariantCulture, $"rosters.{roster.Id}: the shift of {shift.Person} from {shift.From:s} does not end after it begins"));
                Known([shift.Person], $"rosters.{roster.Id}");
            }
        }

        foreach (var policy in document.Policies)
        {
            Unless(policy.Severity is "urgent" or "normal", $"policies.severity: {policy.Severity} is not allowed; urgent or normal is");
            Unless(policy.Steps.Count is >= 1 and <= 20, $"policies.{policy.Severity}.steps: {policy.Steps.Count} steps; 1 to 20 are allowed");
            Unless(policy.Repeat is >= 1 and <= 1440 && policy.Bundle is >= 0 and <= 1440, $"policies.{policy.Severity}: repeat is 1 to 1440 minutes, bundle 0 to 1440");
            foreach (var step in policy.Steps)
            {
                Unless(step.After is >= 1 and <= 1440, $"policies.{policy.Severity}.after: {step.After} is not allowed; 1 to 1440 minutes are");
                Unless(step.Notify.Count > 0, $"policies.{policy.Severity}.notify: is empty");
                foreach (var who in step.Notify)
                {
                    var known = who == "everybody"
                        || (who.StartsWith("person:", StringComparison.Ordinal) && people.Contains(who[7..]))
                        || (who.StartsWith("roster:", StringComparison.Ordinal) && rosters.Contains(who[7..]));
                    Unless(known, $"policies.{policy.Severity}.notify: {who} is not everybody, person: with one of {names}, or roster: with one of {string.Join(", ", rosters)}");
                }
            }
        }

        foreach (var severity in new[] { "urgent", "normal" })
        {
            Unless(document.Policies.Any(p => p.Severity == severity && p.Sites is null), $"policies: none is of {severity} incidents of all sites; leave out sites in the last one");
        }

        return problems;

        void Unless(bool right, string problem)
        {
            if (!right)
            {
                problems.Add(problem);
            }
        }

        void Known(IEnumerable<string> ids, string where)
        {
            foreach (var id in ids.Where(id => !people.Contains(id)))
            {
                problems.Add($"{where}: {id} is not one of {names}");
            }
        }
    }

    [GeneratedRegex(@"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d\z")]
    private static partial Regex Quiet();

    [GeneratedRegex(@"^([01]\d|2[0-3]):[0-5]\d\z")]
    private static partial Regex HandOver();

    [GeneratedRegex(@"^([a-z]+) ([01]\d|2[0-3]):[0-5]\d\z")]
    private static partial Regex Time();
}
