using System.Text.RegularExpressions;

namespace Facility.Tests.Architecture;

/// <summary>What <c>deploy/NORMS.md</c> says is shown by a test is: each row names one that there is, or says why it is not met.</summary>
public sealed partial class Norms
{
    private static string Page => File.ReadAllText(Path.Combine(Tree.Root, "deploy/NORMS.md"));

    [Fact]
    public void Every_named_test_is_there()
    {
        var sources = Tree.Sources("tests").Select(File.ReadAllText).ToArray();
        var named = Test().Matches(Page).Select(m => (Class: m.Groups[1].Value, Name: m.Groups[2].Value)).Distinct().ToArray();
        Assert.True(named.Length > 30);
        Assert.Equal([], named.Where(t => !sources.Any(s => Regex.IsMatch(s, $@"\bclass {t.Class}\b") && (t.Name.Length == 0 || Regex.IsMatch(s, $@"\b{t.Name}\(")))).Select(t => $"{t.Class}.{t.Name}"));
    }

    [Fact]
    public void Every_row_names_a_test_or_says_why_it_is_not_met()
    {
        var rows = Page.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal) && !l.EndsWith("| here |", StringComparison.Ordinal));
        Assert.Equal([], rows.Where(l => !Test().IsMatch(l) && !l.Contains("not met", StringComparison.Ordinal) && !l.Contains("| none is ", StringComparison.Ordinal) && !l.Contains("| not there |", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"`([A-Z][A-Za-z]+)(?:\.([A-Z][A-Za-z0-9_]+))?`")]
    private static partial Regex Test();
}
