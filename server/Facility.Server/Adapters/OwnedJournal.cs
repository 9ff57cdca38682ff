using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>
/// One process at a time has a journal: a second server, or an import beside a running one, would not know what the other
/// writes. The system lets go of it when the process ends, however it ends.
/// </summary>
internal sealed class OwnedJournal : IDisposable
{
    private readonly FileStream held;

    /// <exception cref="JournalUnavailableException">Another process has it.</exception>
    public OwnedJournal(string path)
    {
        try
        {
            held = new FileStream(path + ".in-use", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new JournalUnavailableException($"The journal {path} is used by another facility-server: stop that, or give another folder with --data. ({e.Message})", e);
        }
    }

    public void Dispose() => held.Dispose();
}
