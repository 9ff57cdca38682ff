using System.Text;

namespace Facility.Server.Adapters.Channels;

/// <summary>Text as it may go out: what breaks a line where none may be, or turns reading order round, is not in it.</summary>
internal static class SafeText
{
    private const int LongestLine = 200;

    /// <summary>One line of at most 200 characters, for a subject or title.</summary>
    public static string Line(string text) => Of(text, LongestLine, line: true);

    /// <summary>Lines that end in <c>\n</c>; more than so many bytes of UTF-8 end in an ellipsis.</summary>
    public static string Lines(string text, int mostBytes) => Of(text.ReplaceLineEndings("\n"), mostBytes, line: false);

    private static string Of(string text, int most, bool line)
    {
        var ellipsis = new Rune('…');
        int Size(Rune rune) => line ? rune.Utf16SequenceLength : rune.Utf8SequenceLength;
        var (result, size, cut) = (new StringBuilder(), 0, 0);

        // What is no character, such as half of a pair, becomes U+FFFD.
        foreach (var rune in text.EnumerateRunes())
        {
            if (TurnsRound(rune.Value))
            {
                continue;
            }

            var shown = Rune.IsControl(rune) && (line || rune.Value is not ('\n' or '\t')) ? new Rune(' ') : rune;
            size += Size(shown);
            if (size > most)
            {
                return result.ToString(0, cut).TrimEnd() + ellipsis;
            }

            result.Append(shown);
            if (size <= most - Size(ellipsis))
            {
                cut = result.Length;
            }
        }

        return line ? result.ToString().Trim() : result.ToString();
    }

    // Marks, embeddings, overrides and isolates of the bidirectional algorithm; the line and paragraph separators are no better.
    private static bool TurnsRound(int value) => value is 0x061C or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
