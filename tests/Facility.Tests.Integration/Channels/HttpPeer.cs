using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Integration.Channels;

/// <summary>A provider's HTTP server on loopback: it reads each request whole, then does as its mood says.</summary>
internal sealed class HttpPeer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _over = new();

    private HttpPeer(WebApplication app) => _app = app;

    public sealed record Request(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

    public ConcurrentQueue<Request> Requests { get; } = new();

    public Uri Url => new(_app.Urls.Single());

    /// <param name="mood">How it behaves at a request.</param>
    /// <param name="answers">Status and body of what is well, busy and gone.</param>
    public static async Task<HttpPeer> StartAsync(Func<Request, Peer> mood, Func<Request, Peer, (int Status, string Body)> answers)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var peer = new HttpPeer(builder.Build());
        peer._app.Run(context => peer.AnswerAsync(context, mood, answers));
        await peer._app.StartAsync();
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _app.DisposeAsync();
        _over.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, Func<Request, Peer> mood, Func<Request, Peer, (int Status, string Body)> answers)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new Request(context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), body.ToArray());
        switch (mood(request))
        {
            case Peer.Hangs:
                using (var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _over.Token))
                {
                    await Task.Delay(Timeout.Infinite, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                break;
            case Peer.Drops:
                context.Abort();
                break;
            case var other:
                var (status, said) = answers(request, other);
                if (status is >= 200 and < 300)
                {
                    Requests.Enqueue(request);
                }

                context.Response.StatusCode = status;
                await context.Response.WriteAsync(said);
                break;
        }
    }
}
