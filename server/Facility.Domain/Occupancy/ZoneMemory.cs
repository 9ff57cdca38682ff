using System.Text.Json.Serialization;

namespace Facility.Domain.Occupancy;

/// <summary>What the evidence of a zone remembers besides the probabilities.</summary>
internal sealed record ZoneMemory
{
    /// <summary>When the count was last known: the night, a person's count.</summary>
    public DateTimeOffset? KnownAt { get; set; }

    public DateTimeOffset? LastPassage { get; set; }

    /// <summary>What the presence sensors say together; null where none tells.</summary>
    public bool? Someone { get; set; }

    public DateTimeOffset Since { get; set; }

    /// <summary>People were thought to be there when the sensors fell silent.</summary>
    public bool QuietWhileIn { get; set; }

    /// <summary>Such silences that ended, and those of them in which people had been there all the time.</summary>
    public double Quiets { get; set; }

    public double Missed { get; set; }

    /// <summary>Passages out and the persons' time in it, of the last weeks.</summary>
    public double Outs { get; set; }

    public double PersonMinutes { get; set; }

    /// <summary>Passages either way, and the open minutes they came in.</summary>
    public double Passages { get; set; }

    public double Minutes { get; set; }

    /// <summary>How much stronger or weaker the doors' silence tells of an empty room than elsewhere, as a logarithm: in the day.</summary>
    public double OpenSilence { get; set; }

    /// <summary>The same late and while it is closed.</summary>
    public double ClosedSilence { get; set; }

    /// <summary>How likely nobody was there in the last minute of a silence, and whether it was open; null without one.</summary>
    public double? Nobody { get; set; }

    public bool WasOpen { get; set; }

    /// <summary>Events that its devices lost since it was last known.</summary>
    public long Lost { get; set; }

    /// <summary>Open minutes that a door was not heard.</summary>
    public double Unheard { get; set; }

    /// <summary>Passages that are likely to be missing from the count.</summary>
    [JsonIgnore]
    public double Missing => Lost + (Unheard * (Passages + 2) / (Minutes + 120));

    /// <summary>How often the presence sensors fall silent over people, of the times that they do.</summary>
    [JsonIgnore]
    public float MissRate => (float)((Missed + 0.6) / (Quiets + 2));

    public double MissedMinutes { get; set; }

    /// <summary>How long it overlooks people, minutes.</summary>
    [JsonIgnore]
    public float Blindness => (float)((MissedMinutes + 8) / (Missed + 2));

    /// <summary>How often one person leaves, per minute.</summary>
    [JsonIgnore]
    public float LeavingRate => (float)Math.Clamp((Outs + 2) / (PersonMinutes + 180), 0.001, 0.1);

    public void Fade()
    {
        (MissedMinutes, Passages, Minutes) = (MissedMinutes * 0.93, Passages * 0.93, Minutes * 0.93);
        (OpenSilence, ClosedSilence) = (OpenSilence * 0.97, ClosedSilence * 0.97);
        (Quiets, Missed, Outs, PersonMinutes) = (Quiets * 0.93, Missed * 0.93, Outs * 0.93, PersonMinutes * 0.93);
    }
}
