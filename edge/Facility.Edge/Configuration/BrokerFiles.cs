using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Facility.Edge.Configuration;

/// <summary>What the broker's files hold. Read anew for every connection, so that a renewed certificate or password counts from the next.</summary>
/// <param name="Authorities">Who may sign the broker's certificate; null for those whom this machine trusts.</param>
/// <param name="Device">This device's certificate with its key.</param>
internal sealed record BrokerFiles(string? Password, X509Certificate2Collection? Authorities, X509Certificate2? Device) : IDisposable
{
    /// <exception cref="ConfigException">Which files are missing or not right, each with its key and why.</exception>
    public static BrokerFiles Read(BrokerConfig broker)
    {
        var problems = new List<string>();
        var files = new BrokerFiles(
            Open("passwordFile", broker.PasswordFile, PasswordOf),
            broker.IsSecure ? Open("caFile", broker.CaFile, AuthoritiesOf) : null,
            broker.IsSecure ? Open("certificateFile", broker.CertificateFile, path => DeviceOf(path, broker.KeyFile)) : null);
        if (problems.Count == 0)
        {
            return files;
        }

        files.Dispose();
        throw new ConfigException(problems);

        T? Open<T>(string key, string? path, Func<string, T> read)
            where T : class
        {
            try
            {
                return path is null ? null : read(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                problems.Add($"broker.{key}: {path}: {e.Message}");
                return null;
            }
        }
    }

    public void Dispose()
    {
        Device?.Dispose();
        foreach (var authority in Authorities ?? [])
        {
            authority.Dispose();
        }
    }

    private static string PasswordOf(string path) =>
        File.ReadLines(path).FirstOrDefault() is { Length: > 0 } password ? password : throw new IOException("its first line is empty; it must be the password");

    private static X509Certificate2Collection AuthoritiesOf(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("holds no certificate in PEM");
    }

    private static X509Certificate2 DeviceOf(string path, string? keyPath)
    {
        // Read apart from the certificate, as the two must not be told as one problem.
        _ = File.ReadAllText(keyPath ?? path);
        try
        {
            return X509Certificate2.CreateFromPemFile(path, keyPath);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CryptographicException($"is not a certificate in PEM with its unencrypted key in {keyPath}: {e.Message}", e);
        }
    }
}
