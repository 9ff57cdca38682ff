using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;

namespace Facility.Domain.Configuration;

/// <summary>What is allowed in a revision of the sites, and yet may be a slip: what disappears, what becomes visible, what no longer alarms.</summary>
public static class SitesWarnings
{
    public static IEnumerable<ConfigurationWarning> Of(SitesDocument before, SitesDocument after)
    {
        foreach (var old in before.Sites)
        {
            var now = after.Sites.FirstOrDefault(s => s.Id == old.Id);
            if (now is null)
            {
                yield return new(ConfigurationWarning.SiteGone, $"sites.{old.Id}",
                    $"{old.Name} disappears: its figures stay stored and are shown nowhere, and what its devices send is set aside");
                continue;
            }

            foreach (var warning in Gone(old, now))
            {
                yield return warning;
            }
        }

        foreach (var site in after.Sites.Where(s => !s.Portals.Any(p => p.From == Site.Outside)))
        {
            yield return new(ConfigurationWarning.NoOuterDoor, $"sites.{site.Id}.portals", $"{site.Name} has no door to outside: nobody is counted in");
        }

        foreach (var (path, rule) in Rules(after).Where(r => r.Rule is { On: false, Zone: null } && AlertRule.All.TryGetValue(r.Rule.Rule, out var known) && known.Urgent))
        {
            if (!Rules(before).Any(b => b.Path == path && b.Rule == rule))
            {
                yield return new(ConfigurationWarning.RuleOff, $"{path}.{rule.Rule}", $"rule {rule.Rule} is switched off: nobody is called for it");
            }
        }
    }

    private static IEnumerable<ConfigurationWarning> Gone(Site old, Site now)
    {
        var path = $"sites.{old.Id}";
        foreach (var zone in old.Zones)
        {
            var same = now.Zones.FirstOrDefault(z => z.Id == zone.Id);
            if (same is null)
            {
                yield return new(ConfigurationWarning.ZoneGone, $"{path}.zones.{zone.Id}", $"{zone.Name} disappears: its figures stay stored and are shown nowhere");
            }
            else if (zone.Private && !same.Private)
            {
                yield return new(ConfigurationWarning.NoLongerPrivate, $"{path}.zones.{zone.Id}", $"{zone.Name} is no longer private: everybody sees how many people are in it");
            }
        }

        var devices = now.Sensors.Select(s => s.Device).ToHashSet();
        foreach (var device in old.Sensors.Select(s => s.Device).Distinct().Where(d => !devices.Contains(d)))
        {
            yield return new(ConfigurationWarning.DeviceGone, $"{path}.devices.{device}", $"device {device} has no sensors left: all that it sends is set aside");
        }

        foreach (var sensor in old.Sensors.Where(s => devices.Contains(s.Device) && !now.Sensors.Any(n => n.Id == s.Id && n.Device == s.Device)))
        {
            yield return new(ConfigurationWarning.SensorGone, $"{path}.sensors.{sensor.Id}", $"sensor {sensor.Id} of {sensor.Device} disappears: what it sends is set aside");
        }
    }

    private static IEnumerable<(string Path, RuleSetting Rule)> Rules(SitesDocument document) =>
        (document.Rules ?? []).Select(r => ("rules", r)).Concat(document.Sites.SelectMany(s => (s.Rules ?? []).Select(r => ($"sites.{s.Id}.rules", r))));
}
