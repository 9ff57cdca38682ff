namespace Facility.Server.Api.Access;

/// <summary>Cuts live connections whose session or token has ended, or may see other things than when they began. They may connect again.</summary>
internal sealed class LiveGuard(LiveFeed feed, Credentials credentials, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>Looks once.</summary>
    public void Look()
    {
        foreach (var client in feed.Signed)
        {
            if (credentials.Again(client.Person) is not { } now || LiveView.Of(now) != client.View)
            {
                client.Cut();
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
