using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Facility.Edge.Joining;

/// <summary>
/// The device's certificate with its key, in one PEM file of mode 0600: replaced by one rename, so that a power cut leaves the old pair or
/// the new one, and never half of each.
/// </summary>
internal static partial class IdentityFile
{
    public const string Name = "device.pem";
    public const string AuthorityName = "ca.crt";

    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, string certificate, ECDsa key) =>
        WriteWhole(path, $"{certificate.TrimEnd()}\n{key.ExportPkcs8PrivateKeyPem()}\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>Writes a file whole or not at all, on disk when it returns. Made by root, it belongs to who owns the file before it, or its folder.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void WriteWhole(string path, string text, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("A key is kept for its owner alone by the modes of Linux");
        }

        var next = path + ".new";
        File.Delete(next);
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        // The mask of the process may have taken some of it.
        File.SetUnixFileMode(next, mode);
        if (Environment.IsPrivilegedProcess)
        {
            OwnLike(File.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!, next);
        }

        File.Move(next, path, overwrite: true);

        // The rename too: after it the server is told that the old certificate may end.
        Sync();
    }

    public static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(path);

    /// <summary>The request for a certificate with this key, PEM. Who it is for the server knows.</summary>
    public static string Request(ECDsa key) => new CertificateRequest("CN=facility-edge", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    private static void OwnLike(string example, string path)
    {
        using var chown = System.Diagnostics.Process.Start("chown", ["--reference=" + example, path]);
        chown.WaitForExit();
        if (chown.ExitCode != 0)
        {
            throw new IOException($"{path} cannot be given to the owner of {example}");
        }
    }

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();
}
