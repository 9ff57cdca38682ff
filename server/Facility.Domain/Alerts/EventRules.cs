using System.Globalization;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;

namespace Facility.Domain.Alerts;

/// <summary>The rules of single events: what one says of the conditions of its site.</summary>
internal static class EventRules
{
    public static IEnumerable<Told> Of(JournaledEvent e, SitePlan plan)
    {
        var cabinet = CabinetRules.Of(plan, e.Sensor);
        var zone = cabinet?.Zone ?? plan.Sensor(e.Sensor)?.Zone;
        return e.Kind switch
        {
            EventKinds.Button => [Level(AlertRule.Assistance, e.Sensor, 1)],
            EventKinds.Alarm => [Level(AlertRule.Fire, e.Sensor, 1)],
            EventKinds.Tamper => [Level(AlertRule.Tamper, e.Sensor, 1)],
            EventKinds.Fault => [Level(AlertRule.SensorFault, e.Sensor, 1)],
            EventKinds.Contact when cabinet is not null => [Level(AlertRule.AedOpened, cabinet.Id, 1)],
            EventKinds.Contact => [Level(AlertRule.DoorHeldOpen, e.Sensor, 1)],
            EventKinds.Present when cabinet is not null =>
                [Level(AlertRule.AedTaken, cabinet.Id, 0), Level(AlertRule.AedNotBack, cabinet.Id, 0) with { Repeats = false }],
            EventKinds.Temperature when cabinet is not null => Temperature(cabinet),
            EventKinds.Passage or EventKinds.Presence when e.Value > 0 && IsClosed() =>
                [new Told(true, AlertRule.WhileClosed, Site.WholeSite, zone, e.At, new Saying($"{e.Kind}-while-closed", e.Sensor), e.TimeCertain)],
            _ => [],
        };

        Told Level(string rule, string cause, double standsAt) =>
            new(e.Value == standsAt, rule, cause, zone, e.At, new Saying(rule), e.TimeCertain);

        IEnumerable<Told> Temperature(Cabinet c)
        {
            var (min, max) = plan.Degrees(c);
            var back = AlertLimits.Of(plan, AlertRule.AedTemperature, c.Zone).Hysteresis;
            var outside = e.Value < min || e.Value > max;
            return !outside && (e.Value < min + back || e.Value > max - back) ? []
                : [new Told(outside, AlertRule.AedTemperature, c.Id, zone, e.At,
                    new Saying(AlertRule.AedTemperature, e.Value.ToString("0.0", CultureInfo.InvariantCulture)), e.TimeCertain, Repeats: false)];
        }

        // Staff come before opening and leave after closing.
        bool IsClosed()
        {
            var grace = TimeSpan.FromMinutes(AlertLimits.Of(plan, AlertRule.WhileClosed, zone).Limit);
            return OpeningHours.AreKnown(plan.Site)
                && AlertLimits.FirstOpen(plan.Site, e.At - grace, e.At + grace) is null;
        }
    }
}
