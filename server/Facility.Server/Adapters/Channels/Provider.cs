using System.Text;
using Facility.Contracts;
using Facility.Server.Ports;

namespace Facility.Server.Adapters.Channels;

/// <summary>A provider that is spoken to by HTTP: which addresses may be, and what it answers, never more than a little of it.</summary>
internal static class Provider
{
    private const int MostRead = 4096;

    /// <summary>Follows no redirect: a person's message goes nowhere else than to their address. Whoever sends says how long it may take.</summary>
    public static HttpClient Client() => new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>What is wrong with a URL, or null: it is encrypted, or does not leave the machine.</summary>
    public static string? Refusal(string kind, string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url is { UserInfo: "", Fragment: "" }
        && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback)) && !address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? null
            : $"{kind} address {SafeText.Line(address)} is not allowed: give an https:// URL without user, password or #; http:// only for this machine";

    /// <param name="outcome">What a status other than 2xx means.</param>
    public static async Task<SendAnswer> SendAsync(
        HttpClient http, HttpRequestMessage request, Func<int, SendOutcome> outcome, CancellationToken cancellation)
    {
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var status = (int)answer.StatusCode;

            // It has the message: what it says besides may come slowly or break off, and changes nothing.
            return answer.IsSuccessStatusCode
                ? new SendAnswer(SendOutcome.Sent, $"{status}")
                : new SendAnswer(outcome(status), $"{status} {await ReadAsync(answer, cancellation)}".TrimEnd());
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellation.ThrowIfCancellationRequested();
            return new SendAnswer(SendOutcome.Failed, SafeText.Line(e.GetBaseException().Message));
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var bytes = new byte[MostRead];
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            return SafeText.Line(Encoding.UTF8.GetString(bytes, 0, await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation)));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return "";
        }
    }
}
