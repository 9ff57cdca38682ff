using System.Net;
using System.Net.Sockets;

namespace Facility.Tests.Integration.Channels;

/// <summary>Takes connections on loopback and says nothing, or ends them at the first bytes.</summary>
internal sealed class SilentPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _held = [];
    private readonly Task _accepting;

    public SilentPeer(bool drops)
    {
        _listener.Start();
        _accepting = AcceptAsync(drops);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _held.ForEach(c => c.Dispose());
    }

    private async Task AcceptAsync(bool drops)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _held.Add(client);
                if (drops)
                {
                    _ = await client.GetStream().ReadAsync(new byte[1024]);
                    client.Close();
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
