using System.Collections.Frozen;
using Facility.Contracts.Rest;

namespace Facility.Domain.Alerts;

/// <summary>What a rule asks of a person, and when, where the sites file does not say otherwise.</summary>
/// <param name="Delay">The condition must stand so long first.</param>
/// <param name="ClearsItself">The end of the condition resolves the incident; otherwise only a person does.</param>
/// <param name="Limit">In the rule's own unit (see <see cref="All"/>); 0 for a rule that has none.</param>
/// <param name="Hysteresis">So far back from the limit it is over.</param>
public sealed record AlertRule(Playbook Playbook, bool Urgent, TimeSpan Delay, bool ClearsItself, double Limit = 0, double Hysteresis = 0)
{
    public const string Assistance = "assistance";
    public const string Fire = "fire";
    public const string Evacuation = "evacuation";
    public const string AedOpened = "aed-opened";
    public const string AedTaken = "aed-taken";
    public const string AedNotBack = "aed-not-back";
    public const string AedTemperature = "aed-temperature";
    public const string AedExpiry = "aed-expiry";
    public const string AedExpired = "aed-expired";
    public const string Tamper = "tamper";
    public const string Crowded = "crowded";
    public const string OverCapacity = "over-capacity";
    public const string OverNotice = "over-notice";
    public const string WhileClosed = "while-closed";
    public const string AtClosing = "people-at-closing";
    public const string DoorHeldOpen = "door-held-open";
    public const string SensorFault = "sensor-fault";
    public const string DeviceSilent = "device-silent";
    public const string ServerBroker = "server-broker";
    public const string ServerDisk = "server-disk";
    public const string ServerLag = "server-lag";

    /// <summary>Every rule by its id.</summary>
    public static readonly FrozenDictionary<string, AlertRule> All = new AlertRule[]
    {
        new(Playbooks.Assistance, true, TimeSpan.Zero, false),
        new(Playbooks.Fire, true, TimeSpan.Zero, false),
        new(Playbooks.Evacuation, true, TimeSpan.Zero, false),
        new(Playbooks.AedOpened, true, TimeSpan.Zero, false),
        new(Playbooks.AedTaken, true, TimeSpan.Zero, false),
        new(Playbooks.AedNotBack, true, TimeSpan.FromHours(1), true),

        // Degrees, by the cabinet or its model.
        new(Playbooks.AedTemperature, false, TimeSpan.FromMinutes(10), true, Hysteresis: 1),

        // Days before the date; the day after it.
        new(Playbooks.AedExpiry, false, TimeSpan.Zero, true, Limit: 30),
        new(Playbooks.AedExpired, true, TimeSpan.Zero, true),
        new(Playbooks.Tamper, true, TimeSpan.Zero, false),

        // Percent of the room's capacity, and of the building's notice of use, by the interval's upper end.
        new(Playbooks.Crowded, false, TimeSpan.FromMinutes(2), true, Limit: 80, Hysteresis: 5),
        new(Playbooks.OverCapacity, true, TimeSpan.FromMinutes(1), true, Limit: 100, Hysteresis: 5),
        new(Playbooks.OverNotice, true, TimeSpan.FromMinutes(1), true, Limit: 100, Hysteresis: 5),

        // Minutes around the opening hours in which staff may come and go; minutes after closing.
        new(Playbooks.WhileClosed, true, TimeSpan.FromMinutes(1), false, Limit: 30),
        new(Playbooks.AtClosing, false, TimeSpan.Zero, false, Limit: 15),
        new(Playbooks.DoorHeldOpen, false, TimeSpan.FromMinutes(5), true),
        new(Playbooks.SensorFault, false, TimeSpan.FromMinutes(1), true),

        // Of the 90 s that make a device silent none is left to wait.
        new(Playbooks.DeviceSilent, false, TimeSpan.Zero, true),
        new(Playbooks.ServerBroker, true, TimeSpan.FromMinutes(1), true),

        // Percent of the disk that is free; seconds behind the journal.
        new(Playbooks.ServerDisk, true, TimeSpan.FromMinutes(1), true, Limit: 5, Hysteresis: 2),
        new(Playbooks.ServerLag, false, TimeSpan.FromMinutes(1), true, Limit: 60, Hysteresis: 30),
    }.ToFrozenDictionary(r => r.Id);

    public string Id => Playbook.Rule;

    /// <summary>Each telling is news once a person has resolved the last: a button, a call for evacuation, someone inside. Of the others only the next beginning is.</summary>
    public bool EachIsNews => Id is Assistance or Evacuation or WhileClosed;

    public static bool IsKnown(string rule) => All.ContainsKey(rule);
}
