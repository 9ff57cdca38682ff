using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Facility.Tests.Architecture;

/// <summary>
/// Under which licence each package is that a program ships, and that the README says the same. A package's own word is in its
/// <c>.nuspec</c>; where that only names a file, what stands in the file is told here.
/// </summary>
public sealed partial class Licences
{
    private static readonly string[] Allowed = ["MIT", "Apache-2.0", "BSD-3-Clause", "BSD-2-Clause", "MS-PL"];

    // Read in the package, since its .nuspec names no licence by id.
    private static readonly Dictionary<string, string> Read = new(StringComparer.OrdinalIgnoreCase)
    {
        ["MQTTnet"] = "MIT",
        ["MQTTnet.Server"] = "MIT",
        ["K4os.Compression.LZ4"] = "MIT",
    };

    public static TheoryData<string> Programs() => ["server/Facility.Server", "edge/Facility.Edge", "dashboard/Facility.Dashboard"];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_package_that_a_program_ships_has_a_licence_that_lets_us(string project)
    {
        var packages = Locked(project).ToArray();
        Assert.NotEmpty(packages);
        Assert.Equal([], packages.Select(p => (p.Id, Licence: LicenceOf(p.Id, p.Version))).Where(p => !Allowed.Contains(p.Licence)).Select(p => $"{p.Id}: {p.Licence}"));
    }

    [Fact]
    public void The_README_says_of_every_package_the_licence_that_the_package_says()
    {
        var said = Row().Matches(File.ReadAllText(Path.Combine(Tree.Root, "README.md"))[^12000..]).SelectMany(row =>
        {
            var (names, licences) = (Name().Matches(row.Groups[1].Value).Select(m => m.Groups[1].Value).ToArray(), row.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries));
            return names.Select((n, i) => (Name: n, Licence: licences[licences.Length == 1 ? 0 : i]));
        }).ToDictionary(p => p.Name, p => p.Licence);
        var locked = Directory.EnumerateFiles(Tree.Root, "packages.lock.json", SearchOption.AllDirectories)
            .SelectMany(f => Locked(Path.GetDirectoryName(f)!)).Where(p => said.ContainsKey(p.Id)).Distinct().ToArray();
        Assert.NotEmpty(locked);
        Assert.Equal([], locked.Where(p => LicenceOf(p.Id, p.Version) != said[p.Id]).Select(p => $"{p.Id}: the README says {said[p.Id]}, the package {LicenceOf(p.Id, p.Version)}"));
    }

    [Fact]
    public void Every_project_has_its_packages_locked_and_no_source_of_them_stands_in_the_tree()
    {
        var projects = Directory.EnumerateFiles(Tree.Root, "*.csproj", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/artifacts/", StringComparison.Ordinal)).ToArray();
        Assert.Equal([], projects.Where(p => !File.Exists(Path.Combine(Path.GetDirectoryName(p)!, "packages.lock.json"))).Select(Tree.Relative));
        foreach (var project in projects)
        {
            var named = XDocument.Load(project).Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value);
            Assert.Equal([], named.Except(Locked(Path.GetDirectoryName(project)!).Select(p => p.Id), StringComparer.OrdinalIgnoreCase).Select(n => $"{Tree.Relative(project)}: {n} is not in its packages.lock.json: dotnet restore"));
        }

        Assert.False(File.Exists(Path.Combine(Tree.Root, "nuget.config")) || File.Exists(Path.Combine(Tree.Root, "NuGet.config")), "each machine says where its packages come from");
    }

    private static IEnumerable<(string Id, string Version)> Locked(string project)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Tree.Root, project, "packages.lock.json")));
        return [.. file.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(f => f.Value.EnumerateObject())
            .Where(p => p.Value.GetProperty("type").GetString() != "Project").Select(p => (p.Name, p.Value.GetProperty("resolved").GetString()!))];
    }

    private static string LicenceOf(string id, string version)
    {
        if (Read.TryGetValue(id, out var read))
        {
            return read;
        }

        var home = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var name = id.ToLowerInvariant();
        var nuspec = XDocument.Load(Path.Combine(home, name, version.ToLowerInvariant(), name + ".nuspec"));
        var licence = nuspec.Descendants().FirstOrDefault(e => e.Name.LocalName == "license" && e.Attribute("type")?.Value == "expression");
        return licence?.Value ?? "no licence by id: read it, and tell it in Licences";
    }

    [GeneratedRegex(@"^\| ((?:`[^`]+`(?:, )?)+) \|[^|]*\| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
