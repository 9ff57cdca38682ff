using System.Net;
using System.Net.Sockets;
using System.Text;
using Facility.Contracts.Mqtt;
using Facility.Server.Adapters;
using Facility.Server.Adapters.Devices;
using Facility.Server.Devices;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Integration.Stories;

/// <summary>The server's connections at a broker that does not do as it should.</summary>
public sealed class ServerAtABroker : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly SqliteJournal _journal;
    private readonly ServerCounters _counters = new();
    private readonly ServerHealth _health = new();
    private readonly DeviceOutbox _outbox;
    private readonly DeviceDirectory _devices;
    private readonly IngestionPipeline _pipeline;
    private readonly SqliteDeviceStore _store;
    private readonly DeviceAuthority _authority;
    private readonly DeviceRegister _register;

    public ServerAtABroker()
    {
        _journal = new SqliteJournal(_folder["journal.db"], _clock);
        _outbox = new DeviceOutbox(_counters);
        _store = new SqliteDeviceStore(_folder["devices.db"]);
        _authority = new DeviceAuthority(new DeviceOptions(_folder["ca.crt"], _folder["ca.key"], _folder["revoked.crl"], null, TimeSpan.FromDays(1)), _clock.GetUtcNow());
        _register = new DeviceRegister(_store, _authority, _clock);
        var sites = new SitesDirectory(_journal);
        _devices = new DeviceDirectory(_journal, _journal, sites, _counters, _clock, () => []);
        _pipeline = new IngestionPipeline(_journal.Writer, sites, _devices, _outbox, _counters, _health, _clock, NullLogger<IngestionPipeline>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_takes_the_connection_and_says_nothing_is_left_after_ten_seconds()
    {
        using var broker = new TcpListener(IPAddress.Loopback, 0);
        broker.Start();
        using var listener = Listener(((IPEndPoint)broker.LocalEndpoint).Port);
        await listener.StartAsync(Cancellation);
        using var first = await broker.AcceptTcpClientAsync(Cancellation);
        using var second = await broker.AcceptTcpClientAsync(Cancellation);
        foreach (var silent in new[] { first, second })
        {
            // Its CONNECT: from here on it waits for an answer.
            Assert.True(await silent.GetStream().ReadAsync(new byte[1], Cancellation) > 0);
        }

        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.DoesNotContain("said nothing", _health.Broker, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Until.TrueAsync("it is said", () => Task.FromResult(_health.Broker!.Contains("said nothing for 10 s", StringComparison.Ordinal)), Soon);

        // And tried again.
        using var third = await broker.AcceptTcpClientAsync(Cancellation);
        await listener.StopAsync(Cancellation);
    }

    [Fact]
    public async Task One_that_refuses_acknowledgements_is_counted_and_the_connection_stays()
    {
        await File.WriteAllTextAsync(_folder["acl"], "topic readwrite #\ntopic deny facility/v1/+/+/ack/#\n", Cancellation);
        await using var broker = await Mosquitto.StartAsync(settings: $"acl_file {_folder["acl"]}\n");
        using var listener = Listener(broker.Port);
        await _pipeline.StartAsync(Cancellation);
        await listener.StartAsync(Cancellation);
        await Until.TrueAsync("connected", () => Task.FromResult(_health.Broker is null), Soon);
        await using var device = await TestDevice.ConnectAsync(broker.Port, "ratelaar", "ratelaar-01");
        await device.SendAsync(1, TestDevice.Event("main-door", "passage", "1"));
        await Until.TrueAsync(
            "it is counted",
            () =>
            {
                using var metrics = new StringWriter();
                _counters.Write(metrics);
                return Task.FromResult(metrics.ToString().Contains("facility_publishes_denied_total 1\n", StringComparison.Ordinal));
            },
            Soon);
        Assert.Equal((1, null), (_counters.Events, _health.Broker));
        await listener.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_message_of_a_megabyte_is_refused_and_one_too_large_to_be_sent_here_harms_nothing()
    {
        await using var broker = await Mosquitto.StartAsync();
        using var listener = Listener(broker.Port);
        await _pipeline.StartAsync(Cancellation);
        await listener.StartAsync(Cancellation);
        await Until.TrueAsync("connected", () => Task.FromResult(_health.Broker is null), Soon);
        await using var device = await TestDevice.ConnectAsync(broker.Port, "ratelaar", "ratelaar-01");
        await device.SendAsync(new byte[3 << 20]);
        var large = device.Batch(1, TestDevice.Event("main-door", "passage", "1"));
        await device.SendAsync(Encoding.UTF8.GetBytes(large[..^2] + new string(' ', 1 << 20) + "]}"));
        await Until.TrueAsync("it is answered", () => Task.FromResult(device.Commands.Count > 0), Soon);
        Assert.Equal((RefusalReasons.TooLarge, device.Stream, 1L), device.Commands.Select(c => (c.Reason, c.Stream, c.Seq)).Single());
        Assert.Equal(RefusalReasons.TooLarge, Assert.Single(_journal.Refusals()).Refusal.Reason);
        await device.SendAsync(1, TestDevice.Event("main-door", "passage", "1"));
        await Until.TrueAsync("it goes on", () => Task.FromResult(device.Acknowledged() == 1), Soon);
        await listener.StopAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _pipeline.StopAsync(CancellationToken.None);
        _pipeline.Dispose();
        _journal.Dispose();
        _store.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    private MqttListener Listener(int port) => new(
        new BrokerOptions("127.0.0.1", port), new Topics(), _pipeline, _devices, _outbox, _register, new Renewals(_register, _outbox, NullLogger<Renewals>.Instance), _journal, _health, _counters, _clock, NullLogger<MqttListener>.Instance);
}
