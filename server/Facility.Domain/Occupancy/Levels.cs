using System.Globalization;
using System.Text;

namespace Facility.Domain.Occupancy;

/// <summary>For how long how many people were in a site, by quarter of an hour, over <see cref="Levels.BlockLength"/>: what crowding is made of.</summary>
/// <param name="At">A whole multiple of the length since 1970.</param>
/// <param name="Text">See <see cref="Levels"/>.</param>
public readonly record struct LevelBlock(DateTimeOffset At, string Text);

/// <summary>
/// The text of a <see cref="LevelBlock"/>. Crowding over five years reads 10,000 of them in place of 175,000 quarters.
/// <code>
/// 0:0;1:12*300000,13*600000;2:13     quarter 0 all at 0 persons, quarter 1 for 300 s at 12 and 600 s at 13, quarter 2 all at 13
/// </code>
/// </summary>
public static class Levels
{
    /// <summary>Short enough that a very lively one stays within the 64 KiB that InfluxDB allows a text.</summary>
    public static readonly TimeSpan BlockLength = TimeSpan.FromHours(4);

    /// <param name="quarter">Index in the block.</param>
    /// <param name="levels">Persons and ms, of what is known of the quarter.</param>
    public static void Append(StringBuilder block, int quarter, IReadOnlyDictionary<int, long> levels)
    {
        if (levels.Count == 0)
        {
            return;
        }

        var whole = levels.Count == 1 && levels.Values.Single() == QuarterHour.Ms;
        block.Append(block.Length == 0 ? "" : ";").Append(CultureInfo.InvariantCulture, $"{quarter}:");
        block.AppendJoin(',', levels.Select(l => whole ? Text(l.Key) : $"{Text(l.Key)}*{Text(l.Value)}"));
    }

    /// <exception cref="FormatException">It is not what <see cref="Append"/> writes.</exception>
    public static IEnumerable<(int Quarter, int Persons, long Ms)> Read(string block)
    {
        var at = 0;
        while (at < block.Length)
        {
            var quarter = (int)Number(block, ref at);
            char mark;
            do
            {
                at++;
                var persons = (int)Number(block, ref at);
                mark = at < block.Length ? block[at] : ';';
                var ms = QuarterHour.Ms;
                if (mark == '*')
                {
                    at++;
                    ms = Number(block, ref at);
                    mark = at < block.Length ? block[at] : ';';
                }

                yield return (quarter, persons, ms);
            }
            while (mark == ',');
            at++;
        }
    }

    private static long Number(string text, ref int at)
    {
        var (start, number) = (at, 0L);
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            number = (number * 10) + (text[at] - '0');
        }

        return at > start ? number : throw new FormatException($"a number is missing at {at} of the levels {text}");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
