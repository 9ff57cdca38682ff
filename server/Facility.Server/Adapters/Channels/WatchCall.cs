using Facility.Server.Api;

namespace Facility.Server.Adapters.Channels;

/// <summary>Calls an outside address every minute while all parts of the server are ready: whoever misses the call pages by itself.</summary>
/// <remarks>A call that fails is tried again after ten seconds. Its failures are logged when they begin and when they end.</remarks>
internal sealed class WatchCall(Uri url, IEnumerable<IReadiness> parts, HttpClient http, TimeProvider time, ILogger<WatchCall> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? said = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var isReady = parts.All(p => p.Problem is null);
            if (isReady)
            {
                var trouble = await CallAsync(stoppingToken);
                if (trouble is not null && trouble != said)
                {
                    logger.LogWarning("The watch at {Url} does not take the call: {Trouble}. Trying again.", url.GetLeftPart(UriPartial.Authority), trouble);
                }
                else if (trouble is null && said is not null)
                {
                    logger.LogInformation("The watch at {Url} takes the call again", url.GetLeftPart(UriPartial.Authority));
                }

                said = trouble;
            }

            await Task.Delay(isReady && said is null ? Every : Again, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<string?> CallAsync(CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return answer.IsSuccessStatusCode ? null : $"it answers {(int)answer.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return limit.IsCancellationRequested ? $"no answer within {Patience.TotalSeconds} s" : e.GetBaseException().Message;
        }
    }
}
