using System.Globalization;

namespace Facility.Edge.Adapters;

/// <summary>Where an outbox that cannot be used goes: beside itself under a dated name, for a person to look at. The newest three are kept.</summary>
internal static class OutboxShelf
{
    private const int Kept = 3;
    private const string Mark = ".corrupt-";

    /// <returns>Its new path.</returns>
    /// <exception cref="IOException">It cannot be moved: the folder, or the whole card, is not writable.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static string SetAside(string path, DateTimeOffset now)
    {
        var aside = path + Mark + now.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        foreach (var extra in new[] { "", "-wal", "-shm" })
        {
            if (Directory.Exists(path + extra))
            {
                Directory.Move(path + extra, aside + extra);
            }
            else if (File.Exists(path + extra))
            {
                File.Move(path + extra, aside + extra, overwrite: true);
            }
        }

        Forget(path);
        return aside;
    }

    // A card that keeps failing must not fill itself with its failures.
    private static void Forget(string path)
    {
        var sets = new FileInfo(path).Directory!.EnumerateFileSystemInfos(Path.GetFileName(path) + Mark + "*")
            .GroupBy(entry => entry.Name.Replace("-wal", "", StringComparison.Ordinal).Replace("-shm", "", StringComparison.Ordinal))
            .OrderByDescending(set => set.Key, StringComparer.Ordinal);
        foreach (var entry in sets.Skip(Kept).SelectMany(set => set).OfType<FileInfo>())
        {
            entry.Delete();
        }
    }
}
