using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Api.Access;

namespace Facility.Server.Api;

/// <summary>What of sites and their occupancy is for everyone: public zones and the sum of a site, and nothing of how it is measured.</summary>
internal static class PublicPart
{
    /// <summary>The sites that a person may see, and of them what that person may see.</summary>
    public static SitesDocument Of(SitesDocument document, CurrentPerson person)
    {
        var sites = document.Sites.Where(s => person.May(s.Id));
        return person.May(Right.SeeOccupancy)
            ? document with { Sites = [.. sites.Select(WithoutCalendars)] }
            : new SitesDocument([.. sites.Select(s => Of(WithoutCalendars(s), person.May(Right.SeeTrends)))]);
    }

    /// <summary>The zones of a site that are public, and their sum with the others.</summary>
    public static SiteOccupancy Of(SiteOccupancy occupancy, SitesDocument document)
    {
        var hidden = document.Sites.FirstOrDefault(s => s.Id == occupancy.Site)?.Zones.Where(z => z.Private).Select(z => z.Id).ToHashSet() ?? [];
        return occupancy with { Zones = [.. occupancy.Zones.Where(z => !hidden.Contains(z.Zone))] };
    }

    // Who reads trends reads of rooms and doors by their names.
    private static Site Of(Site site, bool withRooms) => withRooms ? site with { Sensors = [], Rules = null } : site with
    {
        Zones = [.. site.Zones.Where(z => !z.Private)],
        Portals = [],
        Sensors = [],
        Cabinets = null,
        Rules = null,
    };

    // Whoever has the address of a calendar may often read all of it.
    private static Site WithoutCalendars(Site site) => site with { Zones = [.. site.Zones.Select(z => z with { Calendar = null })] };
}
