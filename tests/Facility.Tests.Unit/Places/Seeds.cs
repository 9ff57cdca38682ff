using Facility.Contracts.Places;
using Facility.Server.Places;

namespace Facility.Tests.Unit.Places;

/// <summary>The five buurtpleinen of the seeds.</summary>
internal static class Seeds
{
    public static string Folder { get; } = Find();

    public static string SitesPath => Path.Combine(Folder, "sites.json");

    public static SitesDocument Sites => SitesFile.Load(SitesPath).Document;

    public static Site Ratelaar => Sites.Sites.Single(s => s.Id == "ratelaar");

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "seeds", "sites.json")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("seeds/sites.json is not above the test");
        }

        return Path.Combine(folder, "seeds");
    }
}
