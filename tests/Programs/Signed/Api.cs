using System.Data.Common;
using System.Net;
using System.Net.Http.Headers;
using Facility.Contracts.Rest;
using Facility.Server;
using Facility.Server.Api.Access;
using Facility.Server.Ports;

namespace Facility.Tests.Programs;

/// <summary>Clients of a server's API with an administrator's token, which is made in the server's data folder when it is first needed.</summary>
internal static class Api
{
    public static HttpClient Client(int port, string data) => Client(new Uri($"http://127.0.0.1:{port}"), () => data);

    /// <param name="data">Asked each time that a token is made.</param>
    public static HttpClient Client(Uri? server, Func<string> data) => new(new Signing(data)) { BaseAddress = server };

    /// <summary>A token made as <c>facility-server token create</c> makes one.</summary>
    public static string Token(string data, string role = "administrator", string name = "test", params string[] sites)
    {
        var access = Wiring.OpenAccess(data);
        using (access.Close)
        {
            var (token, _, problem) = NewTokens.Make(access.Tokens, new NewToken(name, role, sites.Length == 0 ? null : sites), "test", DateTimeOffset.UtcNow);
            return token ?? throw new InvalidOperationException(problem);
        }
    }

    // A data folder that was put back from before knows no token that was made since.
    private sealed class Signing(Func<string> data) : DelegatingHandler(new SocketsHttpHandler())
    {
        private string? token;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.StartsWith("/health", StringComparison.Ordinal) || request.Headers.Authorization is not null)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            for (var tries = 0; ; tries++)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ??= Make());
                var answer = await base.SendAsync(request, cancellationToken);
                if (answer.StatusCode != HttpStatusCode.Unauthorized || tries > 0)
                {
                    return answer;
                }

                token = null;
            }
        }

        private string Make()
        {
            try
            {
                return Token(data());
            }
            catch (Exception e) when (e is JournalUnavailableException or DbException)
            {
                // Not there yet, or its disk is full: as a server that does not answer.
                throw new HttpRequestException(e.Message, e);
            }
        }
    }
}
