using System.Collections.Frozen;

namespace Facility.Domain.Alerts;

/// <summary>What a rule asks of a person, and when.</summary>
/// <param name="Delay">The condition must stand so long first.</param>
/// <param name="ClearsItself">The end of the condition resolves the incident; otherwise only a person does.</param>
public sealed record AlertRule(string Id, bool Urgent, TimeSpan Delay, bool ClearsItself)
{
    public const string Assistance = "assistance";
    public const string Fire = "fire";
    public const string AedOpened = "aed-opened";
    public const string AedTaken = "aed-taken";
    public const string AedTemperature = "aed-temperature";
    public const string AedExpiry = "aed-expiry";
    public const string Tamper = "tamper";
    public const string Crowded = "crowded";
    public const string OverCapacity = "over-capacity";
    public const string WhileClosed = "while-closed";
    public const string AtClosing = "people-at-closing";
    public const string DoorHeldOpen = "door-held-open";
    public const string SensorFault = "sensor-fault";
    public const string DeviceSilent = "device-silent";

    /// <summary>Limits and delays of every rule.</summary>
    public static readonly FrozenDictionary<string, AlertRule> All = new AlertRule[]
    {
        new(Assistance, true, TimeSpan.Zero, false),
        new(Fire, true, TimeSpan.Zero, false),
        new(AedOpened, true, TimeSpan.Zero, false),
        new(AedTaken, true, TimeSpan.Zero, false),
        new(AedTemperature, false, TimeSpan.FromMinutes(10), true),
        new(AedExpiry, false, TimeSpan.Zero, true),
        new(Tamper, true, TimeSpan.Zero, false),
        new(Crowded, false, TimeSpan.FromMinutes(2), true),
        new(OverCapacity, true, TimeSpan.FromMinutes(1), true),
        new(WhileClosed, true, TimeSpan.FromMinutes(1), false),
        new(AtClosing, false, TimeSpan.Zero, false),
        new(DoorHeldOpen, false, TimeSpan.FromMinutes(5), true),
        new(SensorFault, false, TimeSpan.FromMinutes(1), true),
        new(DeviceSilent, false, TimeSpan.Zero, true),
    }.ToFrozenDictionary(r => r.Id);
}

/// <summary>Something that stands, and is an incident once its rule's delay is over.</summary>
/// <param name="Cause">Unique with the rule: a sensor, device, cabinet, zone or site.</param>
/// <param name="At">When it began, by who told it.</param>
/// <param name="Received">When the server heard of it.</param>
/// <param name="Entry">The journal entry that told it; 0 for a tick.</param>
public sealed record Condition(
    string Site, string? Zone, string Rule, string Cause, DateTimeOffset At, DateTimeOffset Received, bool TimeCertain, long Entry, string What, bool Told = false)
{
    /// <summary>News older than this is history unless it still stands.</summary>
    public static readonly TimeSpan Old = TimeSpan.FromMinutes(15);

    /// <summary>Old news waits so long for the rest of a device's backlog, which may say that it is over.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan OldButton = TimeSpan.FromHours(24);

    public string Key => $"{Site}/{Rule}/{Cause}";

    public TimeSpan Age => Received - At;

    /// <summary>Whether only its present level makes it an incident: an uncertain time, or a button of the last day, always does.</summary>
    public bool IsOld => TimeCertain && Age > (Rule == AlertRule.Assistance ? OldButton : Old);

    public bool IsDue(DateTimeOffset now) => !Told && (IsOld
        ? now >= Received + Settle
        : now >= (TimeCertain ? At : Received) + AlertRule.All[Rule].Delay);
}
