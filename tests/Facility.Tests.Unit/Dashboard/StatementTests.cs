using System.Collections;
using System.Globalization;
using System.Resources;
using Facility.Dashboard;
using Facility.Dashboard.Parts;

namespace Facility.Tests.Unit.Dashboard;

/// <summary>The statements of privacy and accessibility say the same in both languages.</summary>
public sealed class StatementTests
{
    private static readonly ResourceManager Law = new("Facility.Dashboard.Resources.LawTexts", typeof(Words).Assembly);

    [Fact]
    public void Both_languages_have_each_text() => Assert.Equal(Keys("nl"), Keys("en"));

    [Theory]
    [InlineData("Privacy", "What", "Why", "Whom", "Long", "Who", "Cookie", "Rights")]
    [InlineData("Access", "What", "How", "Not", "Help")]
    public void Each_section_has_a_title_and_a_text(string name, params string[] sections)
    {
        Assert.All(sections.SelectMany(s => new[] { $"{name}.{s}", $"{name}.{s}.Text" }).Append(name).Append(name + ".Lead"), key => Assert.NotEqual(key, Statement.Texts(key)));
    }

    private static IReadOnlyList<string> Keys(string language) =>
        [.. Law.GetResourceSet(CultureInfo.GetCultureInfo(language == "nl" ? "" : language), true, false)!.Cast<DictionaryEntry>().Select(entry => (string)entry.Key).Order(StringComparer.Ordinal)];
}
