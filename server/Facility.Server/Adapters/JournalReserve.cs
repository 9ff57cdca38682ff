namespace Facility.Server.Adapters;

/// <summary>
/// Room on the journal's disk for urgent events alone: a file that holds nothing, and is given back to the disk a part at a time when that is full.
/// </summary>
/// <remarks>
/// A part is 512 KiB: tens of alarms, each with its pages in the log and in the file; together more than a thousand. Another program
/// that fills the disk may take what is left of a part, and the next alarm gets the next one.
/// </remarks>
internal sealed class JournalReserve(string path)
{
    private const int Bytes = 16 << 20;
    private const int Part = 512 << 10;
    private readonly byte[] zeros = new byte[Part];
    private long? length;

    /// <summary>A server that starts on a full disk needs some of it to open its files at all.</summary>
    public void OpenDoor()
    {
        if (File.Exists(path))
        {
            GiveBack();
        }
    }

    /// <returns>False when there is nothing left to give back, or the disk has room, so that something else is wrong.</returns>
    public bool GiveBack() => Try(() =>
    {
        using var file = Open();
        if (file.Length == 0 || new DriveInfo(path).AvailableFreeSpace > 2 * Part)
        {
            return false;
        }

        file.SetLength(Math.Max(0, file.Length - Part));
        length = file.Length;
        return true;
    });

    /// <summary>Takes from the disk what is missing.</summary>
    /// <returns>False while the disk has not got it.</returns>
    public bool Fill() => length == Bytes || Try(() =>
    {
        using var file = Open();
        try
        {
            for (file.Position = file.Length; file.Length < Bytes;)
            {
                file.Write(zeros.AsSpan(0, (int)Math.Min(Part, Bytes - file.Length)));
            }

            return true;
        }
        finally
        {
            length = file.Length;
        }
    });

    private FileStream Open() => new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    private static bool Try(Func<bool> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Full: what is there stays. Urgent events then have what the file has, and the journal says what is wrong.
            return false;
        }
    }
}
