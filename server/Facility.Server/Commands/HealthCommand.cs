using System.CommandLine;

namespace Facility.Server.Commands;

/// <summary><c>facility-server health</c>: asks a running server whether it is ready; for probes where no other HTTP client is.</summary>
public static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var url = new Option<Uri>("--url") { Description = "Address of the server.", DefaultValueFactory = _ => new Uri("http://localhost:8080") };
        var command = new Command("health", "Asks a running server whether it is ready: 0 when it is, 1 when not.") { url };
        command.SetAction((parsed, cancellation) => AskAsync(parsed.GetValue(url)!, cancellation));
        return command;
    }

    private static async Task<int> AskAsync(Uri url, CancellationToken cancellation)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
        {
            await Console.Error.WriteLineAsync($"--url {url} is not allowed: give an address such as http://localhost:8080.");
            return 2;
        }

        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri(url, "/health/ready"), cancellation);
            var said = await answer.Content.ReadAsStringAsync(cancellation);
            await (answer.IsSuccessStatusCode ? Console.Out : Console.Error).WriteLineAsync($"{(int)answer.StatusCode} {said}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{url} does not answer: {e.GetBaseException().Message}");
            return 1;
        }
    }
}
