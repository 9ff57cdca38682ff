using Facility.Edge.Domain;

namespace Facility.Edge.Uplink;

/// <summary>
/// Keeps a connection: when it ends it is made again after a wait that grows from 1 to 30 s, half of it drawn, so that
/// devices that lost the broker together do not come back together. Only a connection that held for 30 s starts that anew.
/// </summary>
/// <param name="draw">0 to 1.</param>
internal sealed class Reconnect(TimeProvider time, Func<double> draw)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    /// <param name="connection">Completes or throws when the connection ends.</param>
    /// <param name="ended">Told each time, with what it threw.</param>
    public async Task RunAsync(Func<CancellationToken, Task> connection, Action<Exception?> ended, CancellationToken cancel)
    {
        for (var attempt = 0; !cancel.IsCancellationRequested; attempt++)
        {
            var began = time.GetTimestamp();
            try
            {
                await connection(cancel).ConfigureAwait(false);
                ended(null);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            // Whatever ends a connection, MQTTnet's, a socket's or TLS's, is answered by connecting again.
            catch (Exception e)
            {
                ended(e);
            }

            attempt = time.GetElapsedTime(began) >= Settled ? 0 : attempt;
            await Task.Delay(Backoff.Delay(attempt, draw(), First, Longest), time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
