using Facility.Contracts.Rest;

namespace Facility.Dashboard.Pictures;

/// <summary>How busy a place is in a word: a number says little to who does not know the building.</summary>
public enum Crowd
{
    Unknown,
    Calm,
    Room,
    Busy,
    Over,
}

/// <summary>The word, picture and class of each <see cref="Crowd"/>: never by colour alone.</summary>
public static class Crowds
{
    /// <summary>Calm below half of the capacity, busy from 80% (where the rule <c>crowded</c> begins), over above all of it.</summary>
    public static Crowd Of(ZoneOccupancy? zone) => zone is not { Estimate: { } people, Capacity: > 0 and var capacity } ? Crowd.Unknown
        : people > capacity ? Crowd.Over
        : people >= 0.8 * capacity ? Crowd.Busy
        : people >= 0.5 * capacity ? Crowd.Room
        : Crowd.Calm;

    public static string Word(Crowd crowd) => Words.T("Crowd." + crowd);

    public static string Icon(Crowd crowd) => crowd switch
    {
        Crowd.Calm => "person",
        Crowd.Room => "people",
        Crowd.Busy => "crowd",
        Crowd.Over => "warn",
        _ => "clock",
    };

    /// <summary>Of the style sheet.</summary>
    public static string Class(Crowd crowd) => crowd switch
    {
        Crowd.Calm => "calm",
        Crowd.Room => "room",
        Crowd.Busy => "busy",
        Crowd.Over => "over",
        _ => "unknown",
    };
}
