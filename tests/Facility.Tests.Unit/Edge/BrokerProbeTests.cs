using System.Net;
using System.Net.Sockets;
using Facility.Edge.Check;
using Facility.Edge.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Edge;

public sealed class BrokerProbeTests
{
    [Fact]
    public async Task A_broker_that_takes_the_connection_and_says_nothing_is_given_up()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var broker = new TcpListener(IPAddress.Loopback, 0);
        broker.Start();
        var config = ConfigReader.Read(
            $$"""{"site":"s","device":"d","broker":{"url":"mqtt://127.0.0.1:{{((IPEndPoint)broker.LocalEndpoint).Port}}"},"sensors":[{"id":"t","kind":"temperature"}]}""", simulate: true);
        var time = new FakeTimeProvider();
        var probing = new BrokerProbe(config, time).TryAsync(cancel);
        using var silent = await broker.AcceptTcpClientAsync(cancel);

        // Its CONNECT: from here on it waits for an answer.
        Assert.True(await silent.GetStream().ReadAsync(new byte[1], cancel) > 0);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(probing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new CheckedBroker(false, "not reached: no answer within 10 s"), await probing.WaitAsync(TimeSpan.FromSeconds(20), cancel));
    }
}
