using System.Text;
using CsCheck;
using Facility.Contracts;

namespace Facility.Tests.Unit.Contracts;

/// <summary>Text of others, in each of the places where it goes.</summary>
public sealed class SafeTextTests
{
    private static readonly string[] Hostile =
    [
        "=", "+", "-", "@", "\t", "\r", "\n", ";", ",", "\"", "'", " ", "\u00A0", "\uFF1D", "<", ">", "&", "<script>", "\u202E", "\u2066", "\u200B", "\u0000", "\u001b[2J",
        "\u2028", "\u0085", "\uFEFF", "\uE000", "\u3164", "\ud83d", "\udc00", "🔥", "𝄞", "é", "a", "Hal", "cmd|' /C calc'!A0", "1+1", "\uFFFD",
    ];

    private static readonly Gen<string> Any = Gen.OneOf(Gen.String, Gen.Int[0, Hostile.Length - 1].Array[0, 12].Select(some => string.Concat(some.Select(i => Hostile[i]))));

    [Theory]
    [InlineData("Hal", "Hal")]
    [InlineData("Brand \u202Eknil\u2066", "Brand knil")]
    [InlineData("zero\u200Bwidth\uFEFF", "zerowidth")]
    [InlineData("\u001b[31mred\u0007", "[31mred")]
    [InlineData("a\r\nb\tc", "a  b c")]
    [InlineData("half \ud83d pair", "half  pair")]
    [InlineData("filler\u3164", "filler")]
    [InlineData("één 🔥 𝄞", "één 🔥 𝄞")]
    public void What_is_hidden_is_taken_out_and_the_rest_stays(string text, string clean) => Assert.Equal(clean, SafeText.Clean(text));

    [Theory]
    [InlineData("ratelaar-01", "ratelaar-01")]
    [InlineData("ratelaar\u202E-01", "ratelaar\uFFFD-01")]
    [InlineData("line\nfeed", "line\uFFFDfeed")]
    public void An_id_that_hides_something_does_not_look_like_one_that_does_not(string id, string shown) => Assert.Equal(shown, SafeText.Shown(id));

    [Theory]
    [InlineData("Hal", "Hal")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+31 30", "'+31 30")]
    [InlineData("-2", "'-2")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", " '=1")]
    [InlineData("\r=1", "\"\n'=1\"")]
    [InlineData(" =1", " '=1")]
    [InlineData("\uFF1D1", "'\uFF1D1")]
    [InlineData("\"=1", "\"\"\"'=1\"")]
    [InlineData("a,=1", "\"a,=1\"")]
    [InlineData("a;=1", "\"a;'=1\"")]
    [InlineData("\u202E=1", "'=1")]
    [InlineData("12 - 3", "12 - 3")]
    [InlineData("zaal \"Zon\"", "\"zaal \"\"Zon\"\"\"")]
    [InlineData("", "")]
    public void A_cell_is_no_formula(string text, string cell) => Assert.Equal(cell, SafeText.Cell(text));

    [Theory]
    [InlineData("<b>Hal</b> & \"zo\" 'n", "&lt;b&gt;Hal&lt;/b&gt; &amp; &quot;zo&quot; &#39;n")]
    [InlineData("\u202E<script>", "&lt;script&gt;")]
    public void Html_is_text(string text, string html) => Assert.Equal(html, SafeText.Html(text));

    [Fact]
    public void No_text_of_all_gets_through_what_it_goes_into()
    {
        Any.Sample(
            text =>
            {
                Assert.Null(SafeText.Hidden(SafeText.Clean(text)));
                Assert.Null(SafeText.Hidden(SafeText.Line(text)));
                Assert.True(SafeText.Line(text).Length <= 200);
                Assert.Null(SafeText.Hidden(SafeText.Lines(text, 100).Replace("\n", "", StringComparison.Ordinal)));
                Assert.True(Encoding.UTF8.GetByteCount(SafeText.Lines(text, 100)) <= 100);
                Assert.Equal(-1, SafeText.Html(text).AsSpan().IndexOfAny("<>\"'"));
                Assert.All(SafeText.Shown(text).EnumerateRunes().Where(r => r != Rune.ReplacementChar), r => Assert.False(SafeText.Hides(r)));
                foreach (var separator in ",;\t")
                {
                    Assert.All(Cells(SafeText.Cell(text), separator), cell => Assert.DoesNotContain(cell.TrimStart(' ', '\u00A0', '"').FirstOrDefault(), "=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20"));
                }

                Assert.Equal(SafeText.Clean(text), SafeText.Clean(SafeText.Clean(text)));
            },
            iter: 5_000);
    }

    // As a spreadsheet of that separator takes a line: quotes hold together only what starts with one.
    private static IEnumerable<string> Cells(string line, char separator)
    {
        var (cell, quoted) = (new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"')
            {
                cell.Append(line[i++]);
            }
            else if (c == '"' && (cell.Length == 0 || quoted))
            {
                quoted = !quoted;
            }
            else if (!quoted && (c == separator || c == '\n'))
            {
                yield return cell.ToString();
                cell.Clear();
            }
            else
            {
                cell.Append(c);
            }
        }

        yield return cell.ToString();
    }
}
