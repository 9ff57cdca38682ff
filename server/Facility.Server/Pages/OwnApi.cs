using System.Net;

namespace Facility.Server.Pages;

/// <summary>The server's own middleware and endpoints, once they are built.</summary>
internal sealed class OwnPipeline
{
    public RequestDelegate? Next { get; set; }

    /// <summary>Of server and pages; empty where there are no pages.</summary>
    public string Build { get; set; } = "";
}

/// <summary>
/// The API, asked by a page that the server draws: through the same middleware and endpoints as from a browser and with the viewer's own
/// cookies, but without a network. So a drawn page can hold nothing that its viewer may not ask for.
/// </summary>
internal sealed class OwnApi(RequestDelegate pipeline, HttpContext viewer) : HttpMessageHandler
{
    private static readonly string[] OfTheViewer = ["Cookie", "Authorization", "Accept-Language", "User-Agent"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get)
        {
            // To draw a page changes nothing.
            return new HttpResponseMessage(HttpStatusCode.MethodNotAllowed) { RequestMessage = request };
        }

        await using var scope = viewer.RequestServices.CreateAsyncScope();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancellationToken };
        context.Request.Method = HttpMethods.Get;
        context.Request.Scheme = viewer.Request.Scheme;
        context.Request.Host = viewer.Request.Host;
        context.Request.Path = PathString.FromUriComponent(request.RequestUri!);
        context.Request.QueryString = QueryString.FromUriComponent(request.RequestUri!);
        context.Connection.RemoteIpAddress = viewer.Connection.RemoteIpAddress;
        foreach (var name in OfTheViewer)
        {
            context.Request.Headers[name] = viewer.Request.Headers[name];
        }

        context.Response.Body = body;
        await pipeline(context);
        await context.Response.CompleteAsync();
        return new HttpResponseMessage((HttpStatusCode)context.Response.StatusCode) { Content = new ByteArrayContent(body.ToArray()), RequestMessage = request };
    }
}
