namespace Facility.Server.Api.Access;

/// <summary>From whose pages a browser may open the live hub: this server's own, and those that it was told of.</summary>
internal static class Origins
{
    /// <summary>Whether a request comes from no page at all, or from one that may.</summary>
    public static bool IsOwn(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value && uri.Scheme == request.Scheme)
            || request.HttpContext.RequestServices.GetService<WebOptions>()?.Origins.Contains(origin) == true;
    }
}
