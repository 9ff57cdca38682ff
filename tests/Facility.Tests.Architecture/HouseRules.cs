using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Facility.Tests.Architecture;

/// <summary>The rules of the house that a compiler does not hold.</summary>
public sealed partial class HouseRules
{
    public static TheoryData<string, string[]> Arrows() => new()
    {
        { "server/Facility.Contracts", [] },
        { "server/Facility.Domain", ["Facility.Contracts"] },
        { "server/Facility.Server", ["Facility.Contracts", "Facility.Domain", "Facility.Dashboard"] },
        { "edge/Facility.Edge.Domain", ["Facility.Contracts"] },
        { "edge/Facility.Edge", ["Facility.Contracts", "Facility.Edge.Domain"] },
        { "dashboard/Facility.Dashboard", ["Facility.Contracts"] },
    };

    [Theory]
    [MemberData(nameof(Arrows))]
    public void A_project_references_only_what_the_map_allows(string project, string[] allowed)
    {
        var file = XDocument.Load(Directory.EnumerateFiles(Path.Combine(Tree.Root, project), "*.csproj").Single());
        var references = file.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));
        Assert.Equal([], references.Except(allowed));
    }

    [Theory]
    [InlineData("server/Facility.Contracts")]
    [InlineData("server/Facility.Domain")]
    [InlineData("edge/Facility.Edge.Domain")]
    public void The_pure_projects_know_the_base_library_alone_and_ban_what_is_not_pure(string project)
    {
        var file = XDocument.Load(Directory.EnumerateFiles(Path.Combine(Tree.Root, project), "*.csproj").Single());
        Assert.Equal([], file.Descendants("PackageReference"));
        Assert.Equal("true", file.Descendants("FacilityPure").Single().Value);
    }

    [Theory]
    [InlineData("server/Facility.Server")]
    [InlineData("edge/Facility.Edge")]
    public void Only_Wiring_names_an_adapter(string project)
    {
        var adapters = Tree.Sources(Path.Combine(project, "Adapters"))
            .SelectMany(f => TypeName().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value)).ToHashSet();
        Assert.NotEmpty(adapters);
        var wrong = from file in Tree.Sources(project)
                    where !file.Contains("/Adapters/", StringComparison.Ordinal) && Path.GetFileName(file) != "Wiring.cs"
                    from word in Word().Matches(WithoutComments(File.ReadAllText(file))).Select(m => m.Value).Distinct()
                    where adapters.Contains(word) && !(word == "SimulatedPins" && file.Contains("/Simulation/", StringComparison.Ordinal))
                    select $"{Tree.Relative(file)} names {word}";
        Assert.Equal([], wrong);
    }

    [Fact]
    public void No_mediator_no_manager_no_helper_no_utils()
    {
        var names = new[] { "server", "edge", "dashboard", "tests" }.SelectMany(Tree.Sources).Select(f => Path.GetFileNameWithoutExtension(f));
        Assert.DoesNotContain(names, n => BadName().IsMatch(n));
    }

    [Fact]
    public void Files_are_short_and_a_long_one_says_why_it_is_one_thing()
    {
        var files = new[] { "server", "edge", "dashboard" }.SelectMany(Tree.Sources).Select(f => (File: Tree.Relative(f), Lines: File.ReadAllLines(f))).ToList();
        Assert.Equal([], files.Where(f => f.Lines.Length > 300 && !f.Lines.Any(l => l.Contains("One file, because", StringComparison.Ordinal))).Select(f => f.File));
        Assert.True(files.Count(f => f.Lines.Length <= 200) >= 0.9 * files.Count, "nine in ten files have at most 200 lines");
        Assert.True(files.Count(f => f.Lines.Length <= 80) >= 0.5 * files.Count, "half the files have at most 80 lines");
    }

    [Fact]
    public void No_machine_path_stands_in_the_tree()
    {
        var wrong = from folder in new[] { "server", "edge", "dashboard", "tests", "seeds", "deploy" }
                    from file in Directory.EnumerateFiles(Path.Combine(Tree.Root, folder), "*", SearchOption.AllDirectories)
                    where Path.GetExtension(file) is ".cs" or ".razor" or ".json" or ".md" or ".csproj" or ".yml" or "" && !Built().IsMatch(file)
                    where MachinePath().IsMatch(File.ReadAllText(file))
                    select Tree.Relative(file);
        Assert.Equal([], wrong);
    }

    private static string WithoutComments(string source) => Comment().Replace(source, "");

    [GeneratedRegex(@"^\s*(?:public|internal)\s+(?:sealed |static |partial |readonly )*(?:class|record|struct)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\b\w+\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("(Manager|Helper|Helpers|Utils|Mediator)$")]
    private static partial Regex BadName();

    [GeneratedRegex("/(bin|obj|node_modules)/")]
    private static partial Regex Built();

    // Written so that this line is not one itself.
    [GeneratedRegex("/(work|root|home/[a-z]+)/[a-z]")]
    private static partial Regex MachinePath();
}
