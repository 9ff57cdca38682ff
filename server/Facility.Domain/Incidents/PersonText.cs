using Facility.Contracts;

namespace Facility.Domain.Incidents;

/// <summary>Text that a person gives and others read: bounded, and without characters that could make it look like something else.</summary>
public static class PersonText
{
    public const int MostName = 100;
    public const int MostNote = 2000;
    public const string Unknown = "unknown";

    /// <summary>A name, in one line; <see cref="Unknown"/> where none is given.</summary>
    public static string Name(string? text) => Clean(text, keepLines: false) is { Length: > 0 } name ? name : Unknown;

    /// <summary>Any text, in one line: nothing in it ends a line, hides or turns what follows.</summary>
    public static string Line(string? text) => Clean(text, keepLines: false);

    /// <summary>A note; null where there is none. It keeps its lines.</summary>
    public static string? Note(string? text) => Clean(text, keepLines: true) is { Length: > 0 } note ? note : null;

    /// <summary>What is wrong with them; null when nothing is.</summary>
    public static string? Problem(string? who, string? note) =>
        who?.Length > MostName ? $"who has {who.Length} characters; at most {MostName} are allowed"
        : note?.Length > MostNote ? $"note has {note.Length} characters; at most {MostNote} are allowed"
        : null;

    private static string Clean(string? text, bool keepLines) => SafeText.Clean(text ?? "", keepLines).Trim();
}
