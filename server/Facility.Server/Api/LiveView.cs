using Facility.Domain.Access;
using Facility.Server.Api.Access;

namespace Facility.Server.Api;

/// <summary>What one client of the live hub may be sent.</summary>
/// <param name="Rooms">Private rooms too: free or in use.</param>
/// <param name="Sites">Of which sites; the others are not there for it.</param>
internal sealed record LiveView(bool Rooms, bool Incidents, bool Devices, SiteScope Sites)
{
    public static LiveView Of(CurrentPerson person) =>
        new(person.May(LiveRights.PrivateZones), person.May(LiveRights.Incidents), person.May(LiveRights.Devices), person.Sites);

    public static CurrentPerson PersonOf(HttpContext? context) =>
        context is null ? new CurrentPerson(CurrentPerson.Nobody, Grant.Anonymous, "") : CurrentPerson.Of(context);
}
