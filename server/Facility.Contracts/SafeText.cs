using System.Globalization;
using System.Text;

namespace Facility.Contracts;

/// <summary>
/// Text that others wrote, made safe for where it goes: a line, lines, HTML, a cell of a table, a log. The only place that knows how.
/// </summary>
/// <remarks>
/// Hidden are the characters that show nothing and can hide or turn around the rest: controls, marks of format and of direction
/// (Trojan Source, CVE-2021-42574), separators of lines and paragraphs, private use, fillers, and what is no character at all.
/// </remarks>
public static class SafeText
{
    private const int LongestLine = 200;
    private static readonly Rune Ellipsis = new('…');

    // A spreadsheet takes a text that starts so for a formula and runs it; the wide forms too, where East Asian input is on.
    private const string Formula = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    /// <summary>Whether it shows nothing of its own. A line feed and a tab do, since they move what follows.</summary>
    public static bool Hides(Rune rune) => rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned;

    /// <summary>The first hidden character, for a message, such as <c>U+202E</c>; null where there is none.</summary>
    public static string? Hidden(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Hides(rune) || rune == Rune.ReplacementChar)
            {
                return $"U+{rune.Value:X4}";
            }
        }

        return null;
    }

    /// <summary>Without what is hidden. Tabs and, unless they are kept, line feeds become spaces.</summary>
    public static string Clean(string text, bool keepLines = false)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\r' or '\t')
            {
                clean.Append(keepLines && rune.Value == '\n' ? '\n' : ' ');
            }
            else if (!Hides(rune) && rune != Rune.ReplacementChar)
            {
                clean.Append(rune.ToString());
            }
        }

        return clean.ToString();
    }

    /// <summary>The same length for a reader: what is hidden is shown as U+FFFD, so that two texts that differ look different.</summary>
    public static string Shown(string text)
    {
        if (Hidden(text) is null)
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            shown.Append((Hides(rune) ? Rune.ReplacementChar : rune).ToString());
        }

        return shown.ToString();
    }

    /// <summary>One line of at most 200 characters, for a subject, a title or a log.</summary>
    public static string Line(string text) => Cut(Clean(text).Trim(), LongestLine, r => r.Utf16SequenceLength);

    /// <summary>Lines that end in <c>\n</c>; more than so many bytes of UTF-8 end in an ellipsis.</summary>
    public static string Lines(string text, int mostBytes) =>
        Cut(Clean(text.ReplaceLineEndings("\n"), keepLines: true), mostBytes, r => r.Utf8SequenceLength);

    /// <summary>For an element's text or an attribute's value in quotes. Lines are kept.</summary>
    public static string Html(string text)
    {
        var html = new StringBuilder(text.Length);
        foreach (var c in Clean(text.ReplaceLineEndings("\n"), keepLines: true))
        {
            _ = c switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                _ => html.Append(c),
            };
        }

        return html.ToString();
    }

    /// <summary>
    /// A text cell of a CSV, in quotes where RFC 4180 wants them. A text that a spreadsheet would run as a formula has an apostrophe
    /// before it, also where a semicolon, the separator of Dutch spreadsheets, would make it a cell of its own.
    /// </summary>
    public static string Cell(string text)
    {
        var clean = Clean(text.ReplaceLineEndings("\n"), keepLines: true);
        var harmless = new StringBuilder(clean.Length + 2);
        var starts = true;
        foreach (var c in clean)
        {
            if (starts && Formula.Contains(c, StringComparison.Ordinal))
            {
                harmless.Append('\'');
            }

            harmless.Append(c);
            starts = c is ';' or '\n' || (starts && c is ' ' or '"' or '\u00A0');
        }

        return harmless.ToString() is var cell && cell.AsSpan().IndexOfAny("\",;\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Cut(string text, int most, Func<Rune, int> sizeOf)
    {
        var (size, at, cut) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            size += sizeOf(rune);
            if (size > most)
            {
                return text[..cut].TrimEnd() + Ellipsis;
            }

            at += rune.Utf16SequenceLength;
            if (size <= most - sizeOf(Ellipsis))
            {
                cut = at;
            }
        }

        return text;
    }
}
