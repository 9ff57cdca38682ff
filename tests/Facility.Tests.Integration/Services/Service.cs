namespace Facility.Tests.Integration.Services;

/// <summary>Where the real services are that tests run on loopback.</summary>
internal static class Service
{
    /// <summary>InfluxDB takes seconds to end.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    /// <summary>The path of a program on PATH, /usr/sbin or /usr/bin; skips the test by name and reason where there is none.</summary>
    /// <param name="package">Of apt, where it has another name.</param>
    public static string Require(string name, string? package = null)
    {
        var found = Find(name);
        Assert.SkipWhen(found is null, $"{name} is not installed (as root: apt-get install {package ?? (name == "influxd" ? "influxdb" : name)}): this test needs the real one.");
        return found!;
    }

    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Concat(["/usr/sbin", "/usr/bin"]).Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
