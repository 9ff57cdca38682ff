using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary><see cref="IDiskSpace"/> by the file system of a folder.</summary>
public sealed class DataDisk(string folder) : IDiskSpace
{
    public double? FreePercent
    {
        get
        {
            try
            {
                var drive = new DriveInfo(Path.GetFullPath(folder));
                return drive.TotalSize > 0 ? 100.0 * drive.AvailableFreeSpace / drive.TotalSize : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return null;
            }
        }
    }
}
