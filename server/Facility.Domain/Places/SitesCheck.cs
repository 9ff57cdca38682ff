using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;

namespace Facility.Domain.Places;

/// <summary>One thing wrong in a sites file.</summary>
/// <param name="Path">JSON path, such as <c>$.sites[0].portals[1].to</c>.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Allowed">What is allowed there.</param>
public sealed record SitesProblem(string Path, string Value, string Allowed)
{
    public override string ToString() => $"{Path}: {Value} is not allowed; {Allowed}";
}

/// <summary>What the JSON Schema of the sites cannot say: that what is referred to exists, once and of the right kind. All problems at once.</summary>
public static class SitesCheck
{
    public static IReadOnlyList<SitesProblem> Check(SitesDocument document)
    {
        var problems = new List<SitesProblem>();
        RulesCheck.Check(document, problems);
        Unique(document.Sites.Select((s, i) => ($"$.sites[{i}].id", s.Id)), "the id of a site is unique", problems);
        var deviceOwners = new Dictionary<string, string>();
        for (var i = 0; i < document.Sites.Count; i++)
        {
            CheckSite(document.Sites[i], $"$.sites[{i}]", deviceOwners, problems);
        }

        return problems;
    }

    private static void CheckSite(Site site, string path, Dictionary<string, string> deviceOwners, List<SitesProblem> problems)
    {
        void Add(string at, string value, string allowed) => problems.Add(new SitesProblem($"{path}.{at}", $"\"{value}\"", allowed));

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(site.TimeZone, out _))
        {
            Add("timeZone", site.TimeZone, "an IANA time zone that this machine knows, such as Europe/Amsterdam");
        }

        Unique(site.Zones.Select((z, i) => ($"{path}.zones[{i}].id", z.Id)), "the id of a zone is unique within its site", problems);
        Unique(site.Portals.Select((p, i) => ($"{path}.portals[{i}].id", p.Id)), "the id of a portal is unique within its site", problems);
        Unique(site.Sensors.Select((s, i) => ($"{path}.sensors[{i}].id", s.Id)), "the id of a sensor is unique within its site", problems);
        Unique(site.Portals.Select((p, i) => ($"{path}.portals[{i}].sensor", p.Sensor)), "a sensor counts at one portal", problems);
        CheckIds(site, Add);
        CheckNames(site, Add);
        CheckHours("openingHours", site.OpeningHours, Add);
        CheckHours("staffedHours", site.StaffedHours, Add);
        CheckCalendars(site, Add);

        var zones = site.Zones.Select(z => z.Id).ToHashSet();
        var zoneList = string.Join(", ", zones);
        for (var i = 0; i < site.Portals.Count; i++)
        {
            var portal = site.Portals[i];
            if (portal.From != Site.Outside && !zones.Contains(portal.From))
            {
                Add($"portals[{i}].from", portal.From, $"outside, or a zone of the site: {zoneList}");
            }

            if (portal.To == Site.Outside)
            {
                Add($"portals[{i}].to", portal.To, "an outer door is from outside to a zone, so that a positive passage is into the building");
            }
            else if (!zones.Contains(portal.To))
            {
                Add($"portals[{i}].to", portal.To, $"a zone of the site: {zoneList}");
            }
            else if (portal.From == portal.To)
            {
                Add($"portals[{i}].to", portal.To, "another zone than the one it is from");
            }

            CheckSensor(site, $"portals[{i}].sensor", portal.Sensor, EventKinds.Passage, Add);
        }

        for (var i = 0; i < site.Sensors.Count; i++)
        {
            var sensor = site.Sensors[i];
            if (sensor.Zone is { } zone && !zones.Contains(zone))
            {
                Add($"sensors[{i}].zone", zone, $"a zone of the site: {zoneList}");
            }

            if (!deviceOwners.TryAdd(sensor.Device, path) && deviceOwners[sensor.Device] != path)
            {
                Add($"sensors[{i}].device", sensor.Device, $"a device is of one site; this one is also at {deviceOwners[sensor.Device]}");
            }
        }

        CheckCabinets(site, zones, zoneList, Add);
    }

    private static void CheckIds(Site site, Action<string, string, string> add)
    {
        for (var i = 0; i < site.Zones.Count; i++)
        {
            if (site.Zones[i].Id is Site.WholeSite or Site.Outside)
            {
                add($"zones[{i}].id", site.Zones[i].Id, "any other id: site is the sum of the zones and outside is no zone");
            }
        }

        var ids = site.Zones.Select((z, i) => ($"zones[{i}].id", z.Id))
            .Concat(site.Portals.Select((p, i) => ($"portals[{i}].id", p.Id)))
            .Concat(site.Sensors.SelectMany((s, i) => new[] { ($"sensors[{i}].id", s.Id), ($"sensors[{i}].device", s.Device) }))
            .Prepend(("id", site.Id));
        foreach (var (at, id) in ids.Where(x => !Ids.IsValid(x.Item2)))
        {
            add(at, id, $"kebab-case, 1 to {Limits.IdLength} of a-z, 0-9 and single hyphens");
        }
    }

    // What hides or turns around a name could make a room look like another.
    private static void CheckNames(Site site, Action<string, string, string> add)
    {
        var names = site.Zones.Select((z, i) => ($"zones[{i}].name", z.Name)).Append(("name", site.Name)).Append(("address", site.Address));
        foreach (var (at, name) in names)
        {
            if (SafeText.Hidden(name) is { } hidden)
            {
                add(at, SafeText.Shown(name), $"text without hidden characters; this one has {hidden}");
            }
        }
    }

    private static void CheckHours(string key, IReadOnlyDictionary<string, IReadOnlyList<string>>? hours, Action<string, string, string> add)
    {
        foreach (var (day, spans) in hours ?? new Dictionary<string, IReadOnlyList<string>>())
        {
            if (!OpeningHours.Days.Contains(day))
            {
                add(key, day, "mon, tue, wed, thu, fri, sat, sun");
            }

            for (var i = 0; i < spans.Count; i++)
            {
                if (!OpeningHours.TryParseSpan(spans[i], out _, out _))
                {
                    add($"{key}.{day}[{i}]", spans[i], "HH:MM-HH:MM with two different times; 00:00-24:00 is the whole day");
                }
            }
        }
    }

    private static void CheckCalendars(Site site, Action<string, string, string> add)
    {
        for (var i = 0; i < site.Zones.Count; i++)
        {
            var calendar = site.Zones[i].Calendar;
            if (calendar?.Contains("://", StringComparison.Ordinal) == true
                && !(Uri.TryCreate(calendar, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            {
                add($"zones[{i}].calendar", calendar, "an address that starts with https:// or http://, or the path of a file in the server's data folder");
            }
        }
    }

    private static void CheckCabinets(Site site, HashSet<string> zones, string zoneList, Action<string, string, string> add)
    {
        var cabinets = site.Cabinets ?? [];
        var seen = new HashSet<string>();
        for (var i = 0; i < cabinets.Count; i++)
        {
            var cabinet = cabinets[i];
            var at = $"cabinets[{i}]";
            if (!seen.Add(cabinet.Id))
            {
                add($"{at}.id", cabinet.Id, "the id of a cabinet is unique within its site");
            }

            if (!zones.Contains(cabinet.Zone))
            {
                add($"{at}.zone", cabinet.Zone, $"a zone of the site: {zoneList}");
            }

            CheckSensor(site, $"{at}.door", cabinet.Door, EventKinds.Contact, add);
            CheckSensor(site, $"{at}.present", cabinet.Present, EventKinds.Present, add);
            CheckSensor(site, $"{at}.tamper", cabinet.Tamper, EventKinds.Tamper, add);
            CheckSensor(site, $"{at}.temperature", cabinet.Temperature, EventKinds.Temperature, add);
            if (cabinet is { MinCelsius: { } min, MaxCelsius: { } max } && min >= max)
            {
                add($"{at}.minCelsius", $"{min}", $"below maxCelsius, {max}");
            }
        }
    }

    private static void CheckSensor(Site site, string at, string? sensor, string kind, Action<string, string, string> add)
    {
        if (sensor is not null && !site.Sensors.Any(s => s.Id == sensor && s.Kind == kind))
        {
            var known = string.Join(", ", site.Sensors.Where(s => s.Kind == kind).Select(s => s.Id));
            add(at, sensor, $"a sensor of kind {kind} of the site: {(known.Length == 0 ? "there is none" : known)}");
        }
    }

    private static void Unique(IEnumerable<(string Path, string Id)> ids, string allowed, List<SitesProblem> problems)
    {
        var seen = new HashSet<string>();
        problems.AddRange(ids.Where(x => !seen.Add(x.Id)).Select(x => new SitesProblem(x.Path, $"\"{x.Id}\"", allowed + "; this one stands twice")));
    }
}
