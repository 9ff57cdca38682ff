namespace Facility.Tests.Integration.Services;

/// <summary>A folder of its own under the system's temporary folder, removed at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("facility-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A service that was just killed may still hold a file: the system clears its temporary folder.
        }
    }
}
