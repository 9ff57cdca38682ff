using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Facility.Tests.Integration.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Integration.Faults;

internal enum InfluxTrouble
{
    None,

    /// <summary>500, and nothing is stored.</summary>
    Broken,

    /// <summary>500, and all is stored.</summary>
    BrokenAfterwards,

    /// <summary>No answer at all.</summary>
    Hangs,

    /// <summary>413 for more than 100 lines.</summary>
    TooLarge,

    /// <summary>Half of the lines is stored, and the answer is 400.</summary>
    Half,
}

/// <summary>A real InfluxDB behind a proxy that answers wrongly on command. Where InfluxDB is away, so is the proxy's answer.</summary>
internal sealed class FaultyInflux : IAsyncDisposable
{
    private const int FewLines = 100;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private WebApplication _app = null!;
    private volatile InfluxTrouble _trouble;

    private FaultyInflux(Influxd real) => Real = real;

    public Influxd Real { get; }

    public string Url { get; private set; } = "";

    public InfluxTrouble Trouble
    {
        get => _trouble;
        set => _trouble = value;
    }

    public static async Task<FaultyInflux> StartAsync()
    {
        var it = new FaultyInflux(await Influxd.StartAsync());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        it._app = builder.Build();
        it._app.Urls.Add("http://127.0.0.1:0");
        it._app.Run(it.AnswerAsync);
        await it._app.StartAsync();
        it.Url = it._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return it;
    }

    public async ValueTask DisposeAsync()
    {
        _trouble = InfluxTrouble.None;
        await _app.DisposeAsync();
        await Real.DisposeAsync();
        _http.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        try
        {
            while (_trouble == InfluxTrouble.Hangs)
            {
                await Task.Delay(100, aborted);
            }

            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, aborted);
            var bytes = body.ToArray();
            var isWrite = context.Request.Path.Value!.EndsWith("/write", StringComparison.Ordinal);
            var lines = isWrite && _trouble is InfluxTrouble.TooLarge or InfluxTrouble.Half ? Lines(bytes) : [];
            switch (_trouble)
            {
                case InfluxTrouble.Broken:
                    await TellAsync(context, 500, "broken");
                    return;
                case InfluxTrouble.BrokenAfterwards when isWrite:
                    await ForwardAsync(context.Request, bytes, context.Request.Headers.ContentEncoding, aborted);
                    await TellAsync(context, 500, "timeout");
                    return;
                case InfluxTrouble.TooLarge when lines.Length > FewLines:
                    await TellAsync(context, 413, "Request Entity Too Large");
                    return;
                case InfluxTrouble.Half when lines.Length > 1:
                    await ForwardAsync(context.Request, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines[..(lines.Length / 2)])), null, aborted);
                    await TellAsync(context, 400, $"partial write: dropped={lines.Length - (lines.Length / 2)}");
                    return;
            }

            var (status, text, version) = await ForwardAsync(context.Request, bytes, context.Request.Headers.ContentEncoding, aborted);
            context.Response.StatusCode = (int)status;
            context.Response.Headers["X-Influxdb-Version"] = version;
            if (text.Length > 0)
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(text, aborted);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    private static async Task TellAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync($$"""{"error":"{{error}}"}""");
    }

    private async Task<(HttpStatusCode Status, string Body, string Version)> ForwardAsync(HttpRequest request, byte[] body, string? encoding, CancellationToken aborted)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(Real.Url, request.Path.Value + request.QueryString.Value));
        message.Content = new ByteArrayContent(body);
        if (request.ContentType is { } type)
        {
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        if (encoding is { Length: > 0 })
        {
            message.Content.Headers.ContentEncoding.Add(encoding);
        }

        using var answer = await _http.SendAsync(message, aborted);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(aborted), answer.Headers.TryGetValues("X-Influxdb-Version", out var v) ? v.First() : "");
    }

    private static string[] Lines(byte[] gzipped)
    {
        using var text = new StreamReader(new GZipStream(new MemoryStream(gzipped), CompressionMode.Decompress));
        return text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
