using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Package;

/// <summary>
/// The Debian package in a small Debian whose process 1 is systemd: on this machine, and for arm64 in the VM with a simulated
/// chip. <c>life</c> is the story: installed, started, confined, watched, upgraded, removed, purged.
/// </summary>
[Trait("length", "long")]
public sealed class PackageTests
{
    private const string Here = "tests/Facility.Tests.Integration/Package";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    private static readonly string[] Steps =
    [
        "ok: installed and enabled, and not started before it is configured",
        "ok: ready without a broker",
        "ok: without rights, on a read-only system; VmRSS:",
        "ok: pings, and lives longer than the watchdog waits",
        "ok: hung, and started again by the watchdog",
        "ok: sends its stream",
        "ok: stops at SIGTERM, and says so to the broker",
        "ok: an upgrade restarts it, and keeps configuration and outbox",
        "ok: a removal keeps configuration and outbox for whoever installs it again",
        "ok: a purge deletes them",
    ];

    [Fact]
    public async Task The_amd64_package_lives_its_whole_life_under_systemd()
    {
        Assert.SkipUnless(Environment.UserName == "root", "not root: this test boots a Debian in namespaces of its own");
        using var folder = new TemporaryFolder();
        var root = folder["root"];
        await PrepareAsync("amd64", root, """{"id":"hall-temp","kind":"temperature","file":"/room/temperature"}""");
        AssertLife(await Script.RunAsync(Patience, $"{Here}/boot", root, "/room/life"), []);
    }

    [Fact]
    public async Task The_arm64_package_lives_its_whole_life_under_systemd_and_tells_of_a_pin()
    {
        using var folder = new TemporaryFolder();
        await PrepareAsync("arm64", folder["root"], """{"id":"hall-temp","kind":"temperature","file":"/room/temperature"},{"id":"aed-door","kind":"contact","pin":5}""");
        File.Copy(Path.Combine(RunningProgram.Root, Here, "boot"), folder["boot"]);
        var life = await Script.RunAsync(
            Patience, "tests/gpio-vm/gpio-vm", "--files", folder.Path, "--timeout", "900", "--run", "gpio-chip edge 8 > root/room/chip && sh boot /payload/root /room/life");
        AssertLife(life, ["ok: tells of a pin, through a device that only its group may use"]);
    }

    private static async Task PrepareAsync(string architecture, string root, string sensors)
    {
        var debian = await Script.RunAsync(Patience, $"{Here}/debian-root", architecture);
        Directory.CreateDirectory(root);
        await Script.RunAsync(Patience, "/usr/bin/tar", "-C", root, "-xf", debian.Trim());
        string Room(string name) => Path.Combine(root, "room", name);
        var packages = Path.Combine(root, "tmp");
        File.Copy(await BuiltPackage.ForAsync(architecture), Room("first.deb"));

        // The same program under a higher version: what is tried is the upgrade, not the compiler.
        await Script.RunAsync(Patience, "/usr/bin/dpkg-deb", "-x", Room("first.deb"), Path.Combine(packages, "first"));
        var next = await Script.RunAsync(
            Patience, "deploy/edge/build-deb", architecture, "--version", "99.0", "--program", Path.Combine(packages, "first/usr/lib/facility-edge"), "--out", packages);
        File.Move(next.Trim(), Room("next.deb"));
        Directory.Delete(packages, recursive: true);
        Directory.CreateDirectory(packages);
        File.Copy(Path.Combine(RunningProgram.Root, Here, "life"), Room("life"));
        await File.WriteAllTextAsync(Room("temperature"), "21000\n");
        await File.WriteAllTextAsync(Room("edge.json"), $$"""
            {"site":"ratelaar","device":"ratelaar-01","broker":{"url":"mqtt://127.0.0.1:1883"},"gpio":{"chip":"edge"},"sensors":[{{sensors}}]}
            """);
    }

    private static void AssertLife(string life, string[] more)
    {
        foreach (var line in life.Split('\n').Where(line => line.StartsWith("ok: ", StringComparison.Ordinal)))
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }

        Assert.All([.. Steps, .. more], step => Assert.Contains(step, life, StringComparison.Ordinal));
    }
}
