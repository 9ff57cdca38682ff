namespace Facility.Contracts.Places;

/// <summary>The sites file and <c>GET /v1/sites</c> (contract, section 3). Its JSON Schema is <c>seeds/sites.schema.json</c>.</summary>
/// <param name="Rules">Settings of alert rules for all sites and for the server itself; a site's own go before them.</param>
/// <param name="AedModels">Between which degrees each model of AED works.</param>
public sealed record SitesDocument(IReadOnlyList<Site> Sites, IReadOnlyList<RuleSetting>? Rules = null, IReadOnlyList<AedModel>? AedModels = null);

/// <summary>One building.</summary>
/// <param name="TimeZone">IANA name; hours, days and weekdays of the site are in it.</param>
/// <param name="Capacity">Persons.</param>
/// <param name="OpeningHours">By <c>mon</c>..<c>sun</c>, spans such as <c>09:00-23:00</c>; a day that is missing is closed. Without any, the hours are not known.</param>
/// <param name="ClosedOn">Days on which the site is closed all day.</param>
/// <param name="StaffedHours">When staff is there, in the same form; without any, weekdays from 9 to 17.</param>
/// <param name="NoticeOfUse">The most people that the building's notice of use (gebruiksmelding) allows; without it, the capacity.</param>
/// <param name="Rules">Settings of alert rules, for the site or a zone of it; what is not set is as it is everywhere.</param>
/// <param name="Zones">They partition the site; the zone <c>site</c> is their sum and is never listed.</param>
public sealed record Site(
    string Id,
    string Name,
    string TimeZone,
    int Capacity,
    IReadOnlyList<Zone> Zones,
    IReadOnlyList<Portal> Portals,
    IReadOnlyList<Sensor> Sensors,
    string Address = "",
    IReadOnlyDictionary<string, IReadOnlyList<string>>? OpeningHours = null,
    IReadOnlyList<DateOnly>? ClosedOn = null,
    IReadOnlyList<Cabinet>? Cabinets = null,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? StaffedHours = null,
    int? NoticeOfUse = null,
    IReadOnlyList<RuleSetting>? Rules = null)
{
    /// <summary>The zone that is the sum of a site's zones.</summary>
    public const string WholeSite = "site";

    /// <summary>The other side of an outer door.</summary>
    public const string Outside = "outside";
}

/// <summary>A room or area.</summary>
/// <param name="Capacity">Persons; null where no limit is set.</param>
/// <param name="Private">Shown only as free or in use.</param>
/// <param name="Calendar">Where the room's bookings are: an address of an iCalendar feed, or a file in the server's data folder. Never shown by the API: such an address is often a secret.</param>
/// <param name="Plan">Its corners on the floor plan in metres, as points of SVG: <c>0,0 9,0 9,5.5 0,5.5</c>, y downwards. Where a zone of the site has none, the plan is laid out by itself.</param>
public sealed record Zone(string Id, string Name, int? Capacity = null, bool Private = false, string? Calendar = null, string? Plan = null);

/// <summary>A door; a positive passage is from <paramref name="From"/> into <paramref name="To"/>.</summary>
public sealed record Portal(string Id, string Sensor, string From, string To);

/// <summary>A measuring point of a device.</summary>
/// <param name="Kind">One of <see cref="Mqtt.EventKinds.OfSensors"/>.</param>
/// <param name="Zone">Where it measures, where that matters.</param>
public sealed record Sensor(string Id, string Device, string Kind, string? Zone = null);

/// <summary>An AED cabinet and the sensors in it.</summary>
/// <param name="Model">One of <see cref="SitesDocument.AedModels"/>: its limits of temperature, where the cabinet has none of its own.</param>
public sealed record Cabinet(
    string Id,
    string Zone,
    string? Door = null,
    string? Present = null,
    string? Tamper = null,
    string? Temperature = null,
    double? MinCelsius = null,
    double? MaxCelsius = null,
    DateOnly? PadsExpire = null,
    DateOnly? BatteryExpires = null,
    string? Model = null);
