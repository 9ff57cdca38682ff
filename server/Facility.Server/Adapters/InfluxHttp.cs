using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>Where InfluxDB is and how to enter.</summary>
/// <param name="Url">Its address, as <c>http://localhost:8086</c>.</param>
/// <param name="RawRetention">How long events are kept, at least one hour; null keeps all.</param>
/// <param name="FigureRetention">The same of quarter-hour figures.</param>
/// <param name="Token">For 2.x and 3.x; used instead of <paramref name="User"/> and <paramref name="Password"/>.</param>
/// <param name="Timeout">Of one request; null is 10 s.</param>
public sealed record InfluxOptions(
    Uri Url, string Database = "facility", TimeSpan? RawRetention = null, string? User = null, string? Password = null, string? Token = null, TimeSpan? Timeout = null,
    TimeSpan? FigureRetention = null)
{
    /// <summary>Without the password and the token, which a log must never show.</summary>
    public override string ToString() => $"{Url} database {Database}";
}

/// <summary>
/// InfluxDB's HTTP interface: <c>/write</c> and <c>/query</c> of 1.x, which 2.x and 3.x serve as their compatibility API. What a person
/// must mend, or may pass, is a <see cref="SeriesUnavailableException"/>; what is wrong with the content is an answer.
/// </summary>
internal sealed class InfluxHttp : IDisposable
{
    private readonly HttpClient _http;
    private readonly InfluxOptions _options;
    private readonly TimeSpan _timeout;

    public InfluxHttp(InfluxOptions options)
    {
        _options = options;
        _timeout = options.Timeout ?? TimeSpan.FromSeconds(10);
        _http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(options.Url.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = options switch
        {
            { Token: { } token } => new AuthenticationHeaderValue("Token", token),
            { User: { } user } => new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{options.Password}"))),
            _ => null,
        };
    }

    /// <summary>Null when all lines are stored; otherwise what InfluxDB has against them (400, 413, 422): some may have been stored.</summary>
    public async Task<string?> WriteAsync(string policy, ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        using var body = new MemoryStream(lines.Length / 8);
        using (var zip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(lines.Span);
        }

        using var content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
        content.Headers.ContentEncoding.Add("gzip");
        var path = $"write?db={Uri.EscapeDataString(_options.Database)}&rp={Uri.EscapeDataString(policy)}&precision=ns";
        var (status, answer, _) = await SendAsync(path, content, cancellation);
        return status switch
        {
            HttpStatusCode.NoContent or HttpStatusCode.OK => null,
            HttpStatusCode.RequestEntityTooLarge => "the request is too large (413)",
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => Reason(answer),
            _ => throw Refused(status, answer),
        };
    }

    /// <summary>The series of one statement's result (an empty array when there are none), and the server's version.</summary>
    /// <returns>Error is what InfluxDB has against the statement.</returns>
    public async Task<(IReadOnlyList<JsonElement> Series, string? Error, string Version)> QueryAsync(string statement, CancellationToken cancellation)
    {
        using var content = new FormUrlEncodedContent([new("q", statement)]);
        var (status, answer, version) = await SendAsync($"query?db={Uri.EscapeDataString(_options.Database)}&epoch=ms", content, cancellation);
        if (status is not (HttpStatusCode.OK or HttpStatusCode.BadRequest))
        {
            throw Refused(status, answer);
        }

        try
        {
            var root = JsonElement.Parse(answer);
            if (status is HttpStatusCode.BadRequest || root.TryGetProperty("error", out _))
            {
                return ([], Reason(answer), version);
            }

            var result = root.GetProperty("results")[0];
            return result.TryGetProperty("error", out var error) ? ([], error.GetString() ?? "", version)
                : result.TryGetProperty("partial", out _) ? throw new SeriesUnavailableException($"{Name} gave a part of its answer only: raise max-row-limit in its configuration.")
                : result.TryGetProperty("series", out var series) ? (series.EnumerateArray().ToArray(), null, version) : ([], null, version);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new SeriesUnavailableException($"What answers at {_options.Url} is not InfluxDB: {Short(answer)}. Check the address.", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private string Name => $"InfluxDB at {_options.Url}";

    private async Task<(HttpStatusCode Status, byte[] Body, string Version)> SendAsync(string path, HttpContent content, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        try
        {
            using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content, limit.Token);
            var version = answer.Headers.TryGetValues("X-Influxdb-Version", out var values) ? values.First().TrimStart('v') : "";
            return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(limit.Token), version);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new SeriesUnavailableException($"{Name} did not answer within {_timeout.TotalSeconds} s. It is tried again.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new SeriesUnavailableException($"{Name} cannot be reached: {e.Message} Check that it runs and that the address is right.", e);
        }
    }

    private SeriesUnavailableException Refused(HttpStatusCode status, byte[] answer) => new(status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            $"{Name} refuses {(_options.Token is not null ? "the token" : _options.User is { } user ? $"user '{user}' or the password" : "to work without a user or token")}: {Reason(answer)}.",
        HttpStatusCode.NotFound => $"{Name} has no database '{_options.Database}', or is not InfluxDB: {Reason(answer)}.",
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => $"{Name} cannot take it now ({(int)status}): {Reason(answer)}. It is tried again.",
        _ => $"What answers at {_options.Url} does not do as InfluxDB ({(int)status}): {Reason(answer)}. Check the address.",
    });

    private static string Reason(byte[] answer)
    {
        try
        {
            var root = JsonElement.Parse(answer);
            foreach (var key in (string[])["error", "message"])
            {
                if (root.ValueKind is JsonValueKind.Object && root.TryGetProperty(key, out var text))
                {
                    return Short(text.ToString());
                }
            }
        }
        catch (JsonException)
        {
            // Something else than InfluxDB answers, a proxy perhaps: its own words are the best there is.
        }

        return Short(answer);
    }

    private static string Short(byte[] answer) => Short(Encoding.UTF8.GetString(answer));

    private static string Short(string text) => text.Length == 0 ? "no reason given" : text.Length > 300 ? text[..300] + "…" : text.Trim();
}
