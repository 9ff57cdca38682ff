using System.Text.RegularExpressions;

namespace Facility.Tests.Architecture;

/// <summary>The README's map of the house is the tree: every room in it exists, and every room that exists is in it.</summary>
public sealed partial class ReadmeMap
{
    private static readonly string[] TopLevel = ["edge", "server", "dashboard", "tests", "seeds", "deploy"];

    private static IReadOnlyList<string> Mapped()
    {
        var readme = File.ReadAllText(Path.Combine(Tree.Root, "README.md"));
        var map = Regex.Match(readme, "```map\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        return [.. MapLine().Matches(map).Select(m => m.Groups[1].Value.TrimEnd('/'))];
    }

    [Fact]
    public void Every_room_of_the_map_exists() =>
        Assert.Equal([], Mapped().Where(p => !Directory.Exists(Path.Combine(Tree.Root, p)) && !File.Exists(Path.Combine(Tree.Root, p))));

    [Fact]
    public void Every_room_that_exists_is_in_the_map()
    {
        var rooms = from top in TopLevel
                    from folder in Directory.EnumerateDirectories(Path.Combine(Tree.Root, top))
                    let project = Directory.EnumerateFiles(folder, "*.csproj").Any()
                    from room in project && top is "server" or "edge"
                        ? Directory.EnumerateDirectories(folder).Append(folder)
                        : [folder]
                    let name = Path.GetFileName(room)
                    where name is not ("bin" or "obj" or "Properties" or "Resources" or "wwwroot" or "secrets")
                    select Tree.Relative(room);
        Assert.Equal([], rooms.Concat(TopLevel).Except(Mapped()));
    }

    [Fact]
    public void Every_pinned_package_is_named_with_its_reason_in_the_README()
    {
        var readme = File.ReadAllText(Path.Combine(Tree.Root, "README.md"));
        var packages = Regex.Matches(File.ReadAllText(Path.Combine(Tree.Root, "Directory.Packages.props")), "Include=\"([^\"]+)\"").Select(m => m.Groups[1].Value);
        Assert.Equal([], packages.Where(p => !readme.Contains($"`{p}`", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^(\S+)", RegexOptions.Multiline)]
    private static partial Regex MapLine();
}
