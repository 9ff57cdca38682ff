using System.Collections.Concurrent;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Package;

/// <summary>
/// The edge's Debian package, built once in a run of the tests, as it takes minutes. It stays in artifacts/. A test that asks
/// for what cannot be built here is skipped with the script's reason.
/// </summary>
internal static class BuiltPackage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Built = new();

    // Two compilations share folders.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <returns>The path of the package.</returns>
    public static Task<string> ForAsync(string architecture) => Built.GetOrAdd(architecture, _ => new Lazy<Task<string>>(() => BuildAsync(architecture))).Value;

    /// <summary>The package's program in a folder; where no architecture is named, for this machine.</summary>
    public static async Task<string> ProgramAsync(string folder, string? architecture = null)
    {
        architecture ??= (await Script.RunAsync(Patience, "/usr/bin/dpkg", "--print-architecture")).Trim();
        await Script.RunAsync(Patience, "/usr/bin/dpkg-deb", "-x", await ForAsync(architecture), folder);
        return Path.Combine(folder, "usr/lib/facility-edge/facility-edge");
    }

    private static async Task<string> BuildAsync(string architecture)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dpkg-deb"), "no dpkg: a Debian package cannot be built here");
        await OneAtATime.WaitAsync();
        try
        {
            var output = await Script.RunAsync(Patience, "deploy/edge/build-deb", architecture, "--out", Path.Combine(RunningProgram.Root, "artifacts"));
            return output.Trim();
        }
        finally
        {
            OneAtATime.Release();
        }
    }
}
