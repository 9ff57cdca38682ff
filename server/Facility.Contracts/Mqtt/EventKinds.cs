namespace Facility.Contracts.Mqtt;

/// <summary>The kinds of the contract (section 2.1), their stream and their allowed values.</summary>
public static class EventKinds
{
    public const string Passage = "passage";
    public const string Presence = "presence";
    public const string Contact = "contact";
    public const string Present = "present";
    public const string Tamper = "tamper";
    public const string Temperature = "temperature";
    public const string Button = "button";
    public const string Alarm = "alarm";
    public const string Fault = "fault";
    public const string Lost = "lost";

    /// <summary>Kinds that a sensor of a site may have; <see cref="Fault"/> and <see cref="Lost"/> are about a sensor or a device.</summary>
    public static readonly IReadOnlyList<string> OfSensors =
        [Passage, Presence, Contact, Present, Tamper, Temperature, Button, Alarm];

    /// <summary>Urgent kinds travel on a stream of their own, so that a backlog never holds up an alarm.</summary>
    public static bool IsUrgent(string kind) => kind is Contact or Present or Tamper or Button or Alarm or Fault;

    /// <summary>A level has a present value that holds until the next; a passage or a loss does not.</summary>
    public static bool IsLevel(string kind) => kind is Presence or Contact or Present or Tamper or Button or Alarm;

    public static bool IsKnown(string kind) => AllowedValues(kind) is not null;

    /// <summary>Whether a value is allowed for a kind; any value is for an unknown kind, which is stored and otherwise ignored.</summary>
    public static bool Allows(string kind, double value) => kind switch
    {
        Passage => value is >= -20 and <= 20 and not 0 && Math.Truncate(value) == value,
        Presence or Contact or Present or Tamper or Button or Alarm or Fault => value is 0 or 1,
        Temperature => value is >= -60 and <= 120,
        Lost => value is >= 1 and <= Limits.MaxSeq && Math.Truncate(value) == value,
        _ => true,
    };

    /// <summary>What is allowed, in words for an error; null for an unknown kind.</summary>
    public static string? AllowedValues(string kind) => kind switch
    {
        Passage => "a whole number from -20 to 20, not 0",
        Presence or Contact or Present or Tamper or Button or Alarm or Fault => "0 or 1",
        Temperature => "-60 to 120 degrees Celsius",
        Lost => "a whole number from 1",
        _ => null,
    };
}
