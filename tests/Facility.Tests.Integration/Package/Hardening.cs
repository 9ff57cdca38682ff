using System.Globalization;
using System.Text.RegularExpressions;

namespace Facility.Tests.Integration.Package;

/// <summary>How exposed the services are, as systemd reckons it: 0 is nothing, 10 is all.</summary>
public sealed partial class Hardening
{
    [Theory]
    [InlineData("deploy/edge/facility-edge.service", 2.1)]
    [InlineData("deploy/server/facility-server.service", 1.4)]
    public async Task The_units_keep_their_exposure(string unit, double most)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not installed");
        var said = await Script.RunAsync(TimeSpan.FromMinutes(1), "/usr/bin/systemd-analyze", "security", "--no-pager", "--offline=true", Path.Combine(Programs.RunningProgram.Root, unit));
        Assert.InRange(double.Parse(Exposure().Match(said).Groups[1].Value, CultureInfo.InvariantCulture), 0, most);
    }

    [GeneratedRegex(@"exposure level for \S+ ([0-9.]+)")]
    private static partial Regex Exposure();
}
