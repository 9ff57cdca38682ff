using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Facility.Contracts.Rest;

namespace Facility.Edge.Joining;

/// <summary>How a device that joins reaches and trusts the server.</summary>
/// <param name="Fingerprint">SHA-256 of the server's TLS certificate, in hexadecimal: this one is trusted, and no other.</param>
/// <param name="CaFile">PEM: who signed the server's certificate; null for the machine's own trust.</param>
/// <param name="Insecure">Over the network in the clear all the same.</param>
internal sealed record JoinServer(Uri Url, string? Fingerprint, FileInfo? CaFile, bool Insecure);

/// <summary>The one call of a device that joins: <c>POST /v1/device-claims/{code}/certificate</c>.</summary>
internal static class ServerCall
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private const int MostAnswer = 64 * 1024;

    /// <exception cref="StartException">It was refused, or the server is not to be trusted or not reached; the message says what to do.</exception>
    public static async Task<JoinedDevice> JoinAsync(JoinServer server, string code, string request)
    {
        if (server.Url.Scheme != Uri.UriSchemeHttps && !server.Url.IsLoopback)
        {
            if (!server.Insecure)
            {
                throw new StartException(
                    $"--server {server.Url} is in the clear: whoever is on the way could join in this device's place. Give https:// (with --fingerprint or --server-ca for a certificate that this machine does not know), or --insecure on a network where nobody else is");
            }

            await Console.Error.WriteLineAsync("warning: the code goes over the network in the clear; whoever reads it within ten minutes could join in this device's place").ConfigureAwait(false);
        }

        string? distrust = null;
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            (distrust = Distrust(server, certificate as X509Certificate2, errors)) is null;
        using var http = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = MostAnswer };
        try
        {
            var url = new Uri(server.Url, $"/v1/device-claims/{Uri.EscapeDataString(code)}/certificate");
            using var answer = await http.PostAsJsonAsync(url, new CertificateRequested(request), JoinJson.Default.CertificateRequested).ConfigureAwait(false);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new StartException($"the server refuses: {await WhyAsync(answer).ConfigureAwait(false)}");
            }

            return await answer.Content.ReadFromJsonAsync(JoinJson.Default.JoinedDevice).ConfigureAwait(false) ?? throw new JsonException("it is empty");
        }
        catch (HttpRequestException e)
        {
            throw new StartException($"{server.Url} is not reached: {distrust ?? e.InnerException?.Message ?? e.Message}");
        }
        catch (TaskCanceledException)
        {
            throw new StartException($"{server.Url} does not answer within {Patience.TotalSeconds} s. Try again with the same code");
        }
        catch (JsonException e)
        {
            throw new StartException($"the answer of {server.Url} is not the server's: {e.Message}");
        }
    }

    // Null where it is trusted.
    private static string? Distrust(JoinServer server, X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return "it showed no certificate";
        }

        var fingerprint = Convert.ToHexString(SHA256.HashData(certificate.RawData));
        if (server.Fingerprint is { } wanted)
        {
            return wanted == fingerprint ? null : $"its certificate has fingerprint {fingerprint}, not {wanted}";
        }

        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        if (server.CaFile is { } file && errors == SslPolicyErrors.RemoteCertificateChainErrors)
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(file.FullName);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            if (chain.Build(certificate))
            {
                return null;
            }
        }

        return $"its certificate \"{certificate.Subject}\" is not trusted here ({errors}). Compare its fingerprint with what the server's own people say, and give it: --fingerprint {fingerprint}";
    }

    private static async Task<string> WhyAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
        try
        {
            using var problem = JsonDocument.Parse(text);
            var detail = problem.RootElement.TryGetProperty("detail", out var said) ? said.GetString() : null;
            var wait = answer.Headers.RetryAfter?.Delta is { } delta ? $" ({delta.TotalSeconds:0} s)" : "";
            return $"{new string([.. (detail ?? "").Where(c => !char.IsControl(c))])}{wait}";
        }
        catch (JsonException)
        {
            return $"{(int)answer.StatusCode}";
        }
    }
}
