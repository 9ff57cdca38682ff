using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Facility.Tests.Integration.Fuzzing;

/// <summary>
/// Whatever is asked of the API, of the real server: never a failure of its own (5xx, but a 503 that says why), every refusal a problem
/// with the version in its header, no inside of the program in an answer, and nothing in the journal of what was refused.
/// </summary>
[Collection("fuzz")]
public sealed partial class RestFuzz
{
    private const int AtOnce = 3;
    private static readonly string[] Sites = ["ratelaar", "batau", "galecop", "doorslag", "componist", "atlantis"];
    private static readonly string[] Values =
    [
        "ratelaar", "hall", "site", "consult-1", "day", "week", "month", "PT15M", "PT1H", "P1D", "P1M", "live", "reconciled", "open", "acknowledged", "resolved", "urgent", "normal", "visits", "occupancy",
        "2026-11-24", "2026-11", "2026-11-24T09:00:00Z", "2026-11-20T00:00:00%2B01:00", "2026-12-01T00:00:00Z", "2021-12-01T00:00:00Z", "8", "0", "52", "ratelaar-01", "1",
    ];

    private static readonly string[] Accepts = ["application/json", "text/csv", "application/vnd.apache.parquet", "*/*", "text/html", "text/csv;q=0.1, application/json;q=0", ";;;", "text/csv;q=NaN", ""];
    private static readonly string[] Types = ["application/json", "application/json", "application/json", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/problem+json", "x"];
    private static readonly string[] Headers =
        ["Origin", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Authorization", "Cookie", "Range", "If-None-Match", "If-Modified-Since", "Accept-Language", "Accept-Encoding", "X-Antiforgery", "X-HTTP-Method-Override", "Content-Encoding", "TE", "Upgrade", "traceparent"];

    private readonly ConcurrentQueue<string> _refused = [];

    [Fact]
    public async Task Whatever_is_asked_the_API_answers_or_refuses_and_keeps_nothing_of_what_it_refused()
    {
        var run = FuzzRun.Of("rest", 20);
        await using var server = await FuzzedServer.StartAsync();
        using var document = JsonDocument.Parse(await server.Http.GetStringAsync("/v1/openapi.json"));
        var described = new Described(document.RootElement);
        Assert.True(described.Calls.Count > 20);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => AskAsync(run, server, described))));
        if (server.Trouble(now: true) is { } trouble)
        {
            run.Fail(trouble);
        }

        Assert.Equal(0, await server.StopAsync());
        foreach (var marker in server.Journaled(Marker()).Intersect(_refused).Take(10))
        {
            run.Fail($"refused, and in the journal: {marker}");
        }

        run.End();
    }

    private async Task AskAsync(FuzzRun run, FuzzedServer server, Described described)
    {
        while (run.Goes)
        {
            var fuzz = run.Next();
            var sent = "";
            try
            {
                if (fuzz.Chance(0.1))
                {
                    run.Count("raw " + await RawAsync(fuzz, server, described, s => sent = s));
                }
                else
                {
                    using var request = Request(fuzz, server, described, out var call, out var marker);
                    sent = $"{request.Method} {request.RequestUri} {request.Headers}\n{(request.Content is { } body ? body.Headers + await body.ReadAsStringAsync() : "")}";
                    using var answer = await server.Http.SendAsync(request);
                    Check(run, fuzz, request, answer, await answer.Content.ReadAsByteArrayAsync(), sent);
                    run.Count($"{request.Method} {call.Path} {(int)answer.StatusCode}");
                    if ((int)answer.StatusCode is >= 400 and < 500 && request.Content is not null && _refused.Count < 200_000)
                    {
                        _refused.Enqueue(marker);
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or SocketException or InvalidDataException)
            {
                // A header that HTTP forbids may close a connection; a server that is gone says so itself.
                run.Count(e.GetType().Name);
                if (e is OperationCanceledException or InvalidDataException)
                {
                    run.Fail(fuzz, e is InvalidDataException ? e.Message : "no answer within 20 s", sent);
                }
            }

            if (server.Trouble() is { } trouble)
            {
                run.Fail(fuzz, trouble, sent);
            }
        }
    }

    private static HttpRequestMessage Request(Fuzz fuzz, FuzzedServer server, Described described, out Call call, out string marker)
    {
        var picked = call = fuzz.Pick(described.Calls);
        marker = $"fuzz-{fuzz.Seed:x}-";
        var path = string.Join('/', call.Path.Split('/').Select(s => !s.StartsWith('{') ? s : fuzz.Chance(0.8) ? Variable(fuzz, s) : Escaped(fuzz, fuzz.Word())));
        path = fuzz.Below(40) switch
        {
            0 => path + "/",
            1 => path.ToUpperInvariant(),
            2 => path.Replace("/v1", "/v1/..", StringComparison.Ordinal),
            3 => path + "/" + Escaped(fuzz, fuzz.Word()),
            4 => "/" + path,
            5 => fuzz.Pick(["/health/live", "/health/ready", "/metrics", "/v1", "/v1/", "/hubs/live", "/hubs/live/negotiate", "/a/" + Escaped(fuzz, fuzz.Word()), "/"]),
            _ => path,
        };
        var keys = Enumerable.Range(0, fuzz.Below(4)).Select(_ =>
            $"{(fuzz.Chance(0.9) ? fuzz.Pick(picked.Keys.Count > 0 ? picked.Keys : described.Keys) : Escaped(fuzz, fuzz.Word()))}={(fuzz.Chance(0.8) ? fuzz.Pick(Values) : Escaped(fuzz, fuzz.Word()))}").ToArray();
        var method = fuzz.Chance(0.92) ? call.Method : fuzz.Pick(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PURGE"]);
        var address = new Uri($"http://127.0.0.1{path}{(keys.Length > 0 ? "?" + string.Join('&', keys) : "")}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address.PathAndQuery, UriKind.Relative));
        if (fuzz.Chance(0.5))
        {
            request.Headers.TryAddWithoutValidation("Accept", fuzz.Pick(Accepts));
        }

        if (fuzz.Pick(server.Tokens) is { Length: > 0 } token)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        for (var n = fuzz.Below(3); n > 0; n--)
        {
            request.Headers.TryAddWithoutValidation(fuzz.Pick(Headers), Printable(fuzz.Word()));
        }

        if (method is "POST" or "PUT" or "PATCH" || fuzz.Chance(0.02))
        {
            var json = call.Body is { } schema ? described.Make(fuzz, schema, marker)?.ToJsonString() ?? "null" : $"{{\"note\":\"{marker}\"}}";
            if (call.Path.EndsWith("/counts", StringComparison.Ordinal) && fuzz.Chance(0.6))
            {
                json = $"{{\"zone\":\"{fuzz.Pick(Values)}\",\"people\":{fuzz.Below(60)}}}";
            }

            var bytes = Encoding.UTF8.GetBytes(json);
            request.Content = new ByteArrayContent(fuzz.Chance(0.75) ? bytes : fuzz.Mutate(bytes, [bytes, "[{\"a\":1}]"u8.ToArray()]));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", fuzz.Pick(Types));
        }

        return request;
    }

    private static string Variable(Fuzz fuzz, string name) => name switch
    {
        "{site}" => fuzz.Pick(Sites),
        "{month}" => fuzz.Pick(["2026-10", "2026-11", "2026-12", "2025-02"]),
        "{step}" => fuzz.Pick(["1", "2", "99"]),
        _ => fuzz.Pick(Values),
    };

    private static string Escaped(Fuzz fuzz, string text) => fuzz.Chance(0.7) ? Uri.EscapeDataString(text.Length > 4000 ? text[..4000] : text) : Printable(text).Replace(' ', '+').Replace('#', '~').Replace('?', '~');

    private static string Printable(string text) => new([.. text.Where(c => c is > ' ' and < '\x7f').Take(4000)]);

    private static void Check(FuzzRun run, Fuzz fuzz, HttpRequestMessage request, HttpResponseMessage answer, byte[] body, string sent)
    {
        var (status, path) = ((int)answer.StatusCode, request.RequestUri!.OriginalString);
        var text = Encoding.UTF8.GetString(body);
        string? wrong = null;
        if (!answer.Headers.TryGetValues("API-Version", out var version) || version.Single().Split('.').Length != 3)
        {
            // What is no HTTP request for the server, such as a path that cannot be decoded, gets no further than its door.
            wrong = status == 400 && body.Length == 0 ? null : $"{status} without API-Version";
        }
        else if (status >= 500 && !(status == 503 && (request.Method == HttpMethod.Head || IsProblem(answer, body))))
        {
            wrong = $"answered {status}: {text}";
        }
        else if (status >= 400 && path.StartsWith("/v1", StringComparison.Ordinal) && request.Method != HttpMethod.Head && !IsProblem(answer, body))
        {
            wrong = $"{status} is no problem of RFC 9457: {answer.Content.Headers.ContentType} {text}";
        }
        else if (text.Contains("   at Facility.", StringComparison.Ordinal) || text.Contains("   at System.", StringComparison.Ordinal))
        {
            wrong = "a stack trace: " + text;
        }

        if (wrong is not null)
        {
            run.Fail(fuzz, wrong.Length > 1000 ? wrong[..1000] : wrong, sent);
        }
    }

    private static bool IsProblem(HttpResponseMessage answer, byte[] body)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return false;
        }

        try
        {
            using var problem = JsonDocument.Parse(body);
            return problem.RootElement.GetProperty("status").GetInt32() == (int)answer.StatusCode
                && problem.RootElement.GetProperty("title").GetString() is { Length: > 0 } && problem.RootElement.GetProperty("detail").GetString() is { Length: > 0 };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    // Bytes that are hardly HTTP: what comes back is an answer of HTTP, or the end of the connection.
    private static async Task<string> RawAsync(Fuzz fuzz, FuzzedServer server, Described described, Action<string> say)
    {
        var call = fuzz.Pick(described.Calls);
        var good = Encoding.UTF8.GetBytes(
            $"{call.Method} {call.Path.Replace("{site}", "ratelaar", StringComparison.Ordinal)} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nContent-Type: application/json\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{{\"note\":\"a\"}}\r\n");
        var bytes = fuzz.Mutate(good, [good, "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n"u8.ToArray(), "Content-Length: -1\r\n"u8.ToArray(), "\r\n GET /"u8.ToArray()]);
        say(Fuzz.Shown(bytes));
        using var socket = new TcpClient { SendTimeout = 5000, ReceiveTimeout = 5000 };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(bytes);
        socket.Client.Shutdown(SocketShutdown.Send);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var answer = new byte[64];
        var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, patience.Token);
        var line = Encoding.Latin1.GetString(answer, 0, length).Split("\r\n")[0];
        return line.Length == 0 ? "closed" : line.StartsWith("HTTP/1.1 5", StringComparison.Ordinal) && !line.StartsWith("HTTP/1.1 503", StringComparison.Ordinal) && !line.StartsWith("HTTP/1.1 505", StringComparison.Ordinal)
            ? throw new InvalidDataException("raw: " + line)
            : line;
    }

    [GeneratedRegex("fuzz-[0-9a-f]+-")]
    private static partial Regex Marker();
}
