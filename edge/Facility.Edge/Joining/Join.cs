using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;

namespace Facility.Edge.Joining;

/// <summary>
/// <c>facility-edge join</c>: a device gets its identity by a code. The key is made here and never leaves; the code's answer may be lost
/// on its way, so the key waits on disk and the same code may be tried again.
/// </summary>
/// <param name="Data">Folder of the outbox: the certificate with its key (mode 0600) and the authority go there.</param>
/// <param name="Config">edge.json, whose site, device and broker are set; null to leave it to a person.</param>
internal sealed record Join(JoinServer Server, string Code, string Data, FileInfo? Config)
{
    /// <exception cref="StartException">It did not; the message says what to do.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public async Task<int> RunAsync(TextWriter output)
    {
        // Before the code is used: what would fail afterwards.
        var edge = Config is null ? null : ReadConfig(Config);
        var folder = Path.GetFullPath(Data);
        Directory.CreateDirectory(folder);
        var waiting = Path.Combine(folder, "device.key.waiting");
        using var key = WaitingKey(waiting);
        var joined = await ServerCall.JoinAsync(Server, Code, IdentityFile.Request(key)).ConfigureAwait(false);
        using (var certificate = X509Certificate2.CreateFromPem(joined.Certificate))
        {
            if (!certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
            {
                throw new StartException("the server's certificate is not for this device's key: nothing was changed");
            }
        }

        var (identity, authority) = (Path.Combine(folder, IdentityFile.Name), Path.Combine(folder, IdentityFile.AuthorityName));
        IdentityFile.WriteWhole(authority, joined.Authority.TrimEnd() + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        IdentityFile.Write(identity, joined.Certificate, key);
        if (edge is not null)
        {
            Set(edge, joined, authority, identity);
            File.Copy(Config!.FullName, Config.FullName + ".before", overwrite: true);
            IdentityFile.WriteWhole(Config.FullName, edge.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n", IdentityFile.ModeOf(Config.FullName));
        }

        File.Delete(waiting);
        await output.WriteLineAsync($"This is {joined.Device} of {joined.Site}; its broker is {joined.Broker}").ConfigureAwait(false);
        await output.WriteLineAsync(
            edge is null
                ? $"In edge.json: \"broker\": {{ \"url\": \"{joined.Broker}\", \"caFile\": \"{authority}\", \"certificateFile\": \"{identity}\", \"keyFile\": \"{identity}\" }}"
                : $"{Config!.FullName} says so now (as it was: {Config.Name}.before). Start the agent again: systemctl restart facility-edge").ConfigureAwait(false);
        return 0;
    }

    private static ECDsa WaitingKey(string path)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            if (File.Exists(path))
            {
                key.ImportFromPem(File.ReadAllText(path));
                return key;
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // Damaged: nothing was made with it that anybody has.
            key.Dispose();
            key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        }

        IdentityFile.WriteWhole(path, key.ExportPkcs8PrivateKeyPem() + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return key;
    }

    private static JsonObject ReadConfig(FileInfo config)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(config.FullName), null, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }) as JsonObject
                ?? throw new JsonException("it is no object");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"--config {config.FullName}: {e.Message} The code was not used");
        }
    }

    private static void Set(JsonObject edge, JoinedDevice joined, string authority, string identity)
    {
        edge["site"] = joined.Site;
        edge["device"] = joined.Device;
        edge["broker"] = new JsonObject { ["url"] = joined.Broker, ["caFile"] = authority, ["certificateFile"] = identity, ["keyFile"] = identity };
        if (joined.TopicPrefix != Topics.DefaultPrefix || edge.ContainsKey("topicPrefix"))
        {
            edge["topicPrefix"] = joined.TopicPrefix;
        }
    }
}
