using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Package;

/// <summary>What the programs are made of, by command: a bill of materials that keeps its schema.</summary>
[Trait("length", "long")]
public sealed class SupplyChain
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task The_bill_of_materials_keeps_the_schema_of_CycloneDX_and_names_every_locked_package()
    {
        using var folder = new TemporaryFolder();
        var files = (await Script.RunAsync(Patience, "deploy/sbom", folder.Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(["facility-server.cdx.json", "facility-edge.cdx.json"], files.Select(Path.GetFileName));
        foreach (var (file, project) in files.Zip(["server/Facility.Server", "edge/Facility.Edge"]))
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.Equal([], Problems(text));
            using var bill = JsonDocument.Parse(text);
            var named = bill.RootElement.GetProperty("components").EnumerateArray().Select(c => $"{c.GetProperty("name")} {c.GetProperty("version")}");
            using var locked = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(RunningProgram.Root, project, "packages.lock.json"), TestContext.Current.CancellationToken));
            var wanted = locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
                .Where(p => p.Value.GetProperty("type").GetString() is "Direct" or "Transitive" && !p.Name.StartsWith("Microsoft.NET.ILLink", StringComparison.Ordinal))
                .Select(p => $"{p.Name} {p.Value.GetProperty("resolved")}").ToHashSet();
            wanted.ExceptWith(named);

            // What is only there to build, and what lies in the runtime itself, ships in no package.
            Assert.All(wanted, missing => Assert.StartsWith("Microsoft.", missing));
        }
    }

    // By the validator within the tool: its schema is nowhere in this tree.
    private static IReadOnlyList<string> Problems(string bill)
    {
        var tool = Directory.EnumerateFiles(Path.Combine(RunningProgram.Root, "artifacts/tools/.store"), "CycloneDX.dll", SearchOption.AllDirectories).Single(f => f.Contains("net10.0", StringComparison.Ordinal));
        var context = new ToolContext(tool);
        var core = context.LoadFromAssemblyName(new AssemblyName("CycloneDX.Core"));
        var version = core.GetType("CycloneDX.SpecificationVersion", throwOnError: true)!;
        var validate = core.GetType("CycloneDX.Json.Validator", throwOnError: true)!.GetMethod("Validate", [typeof(string), version])!;
        var result = validate.Invoke(null, [bill, Enum.Parse(version, "v1_6")])!;
        var messages = (IEnumerable<string>?)result.GetType().GetProperty("Messages")!.GetValue(result) ?? [];
        return (bool)result.GetType().GetProperty("Valid")!.GetValue(result)! ? [] : [.. messages.DefaultIfEmpty("not valid")];
    }

    private sealed class ToolContext(string tool) : AssemblyLoadContext("cyclonedx")
    {
        private readonly AssemblyDependencyResolver _resolver = new(tool);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }
}
