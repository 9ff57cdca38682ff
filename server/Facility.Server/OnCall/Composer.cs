using Facility.Contracts.OnCall;
using Facility.Contracts.Rest;
using Facility.Domain.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>Puts into words what is delivered, with a link that is this person's own.</summary>
internal sealed class Composer(IIncidentStore incidents, ISitesDirectory sites, Links links, Escalation escalation)
{
    private const int MostListed = 20;

    public Message Compose(OnCallPerson person, ChannelAddress address, Delivery[] together, DateTimeOffset now)
    {
        var (first, language) = (together[0], person.Language);
        var (title, text) = first.Subject.Split(':', 2) is [var kind, var about]
            ? Told(language, kind + ":", about, now)
            : Incidents(language, [.. together.Select(d => d.Subject).Distinct().Select(incidents.Find).OfType<Incident>()]);
        var link = first.Subject.StartsWith(PageText.Gap, StringComparison.Ordinal) || first.Subject.StartsWith(PageText.Unreachable, StringComparison.Ordinal)
            ? null
            : links.Make(person.Id, [.. together.Select(d => d.Subject).Distinct()], now);
        return new Message(
            first.Id, first.Subject.Contains(':', StringComparison.Ordinal) ? null : first.Subject, person.Id, address.Kind, address.Address, title, text, link, first.Urgent, language);
    }

    public (string Title, string Text) Incidents(string language, IReadOnlyList<Incident> about)
    {
        if (about.Count == 1)
        {
            return (TitleOf(language, about[0]), PageText.Body(language, about[0], escalation.Zone));
        }

        var lines = about.Take(MostListed).Select(i => TitleOf(language, i));
        return (PageText.T(language, "Page.Several", about.Count), string.Join('\n', lines));
    }

    public string TitleOf(string language, Incident incident)
    {
        var site = sites.Current.Sites.FirstOrDefault(s => s.Id == incident.Site);
        return PageText.Title(language, incident, site?.Name ?? incident.Site, site?.Zones.FirstOrDefault(z => z.Id == incident.Zone)?.Name);
    }

    private (string Title, string Text) Told(string language, string kind, string about, DateTimeOffset now) => kind switch
    {
        PageText.Drill => (PageText.T(language, "Page.Drill"), PageText.T(language, "Page.DrillText")),
        PageText.Gap when about.Split(' ') is [var roster, var from] => (PageText.T(language, "Page.Gap", roster), GapText(language, roster, from, now)),
        _ => (PageText.T(language, "Page.Unreachable", escalation.Find(about.Split(' ')[^1])?.Name ?? about), PageText.T(language, "Page.UnreachableText")),
    };

    private string GapText(string language, string roster, string from, DateTimeOffset now)
    {
        var begins = DateTimeOffset.FromUnixTimeSeconds(long.Parse(from, System.Globalization.CultureInfo.InvariantCulture));
        begins = begins > now ? begins : now;
        var until = escalation.RosterOf(roster)?.Between(begins, begins.AddDays(60))[0].Until ?? begins;
        return PageText.T(language, "Page.GapText", PageText.Local(language, begins, escalation.Zone), PageText.Local(language, until, escalation.Zone));
    }
}
