using System.Collections.Concurrent;

namespace Facility.Tests.Integration.Faults;

/// <summary>
/// What goes wrong, each in a loop of its own with its own dice, so that faults fall into one another: a broker dies while the server
/// starts while InfluxDB hangs. What a person does, such as putting a copy back, is done when nothing else is under way.
/// </summary>
internal sealed class Chaos(Fleet fleet, FaultPlan plan) : IDisposable
{
    private const int Loops = 16;
    private static readonly TimeSpan PutBackPatience = TimeSpan.FromSeconds(40);
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly SemaphoreSlim _underWay = new(Loops);
    private readonly SemaphoreSlim _oneRest = new(1);
    private int _kills;
    private int _lostWithOutbox;

    public int Kills => _kills;

    /// <summary>Events that a device had not sent yet when its disk was put back to an older copy: the one loss that there may be.</summary>
    public int LostWithOutbox => _lostWithOutbox;

    public IEnumerable<string> Counts => _counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}");

    public void Dispose()
    {
        _underWay.Dispose();
        _oneRest.Dispose();
    }

    public async Task RunAsync(CancellationToken end)
    {
        var rare = plan.IsShort ? (4.0, 7.0) : (20.0, 40.0);
        Task[] loops =
        [
            LoopAsync(0, (1, 5), BrokerAsync, end),
            LoopAsync(1, (0.5, 5), ServerAsync, end),
            LoopAsync(2, (2, 8), StoreAsync, end),
            LoopAsync(3, (0.5, 3), EdgeAsync, end),
            LoopAsync(4, (0.5, 3), CrashAsync, end),
            LoopAsync(5, (2, 6), JumpAsync, end),
            LoopAsync(6, rare, DiskAsync, end),
            LoopAsync(7, rare, random => AtRestAsync(() => OutboxAsync(random)), end, leased: false),
        ];

        // The first that ends, ends at the end or has failed: the others would go on without it, for ever.
        await await Task.WhenAny(loops);
        await Task.WhenAll(loops);
    }

    private async Task LoopAsync(int number, (double Least, double Most) seconds, Func<Random, Task> fault, CancellationToken end, bool leased = true)
    {
        var random = new Random((plan.Seed * 1000) + number);
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds.Least + (random.NextDouble() * (seconds.Most - seconds.Least))), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (end.IsCancellationRequested)
            {
                return;
            }

            if (!leased)
            {
                await fault(random);
                continue;
            }

            await _underWay.WaitAsync(CancellationToken.None);
            try
            {
                await fault(random);
            }
            finally
            {
                _underWay.Release();
            }
        }
    }

    // With no fault under way: what was begun is finished first.
    private async Task AtRestAsync(Func<Task> act)
    {
        await _oneRest.WaitAsync();
        for (var i = 0; i < Loops; i++)
        {
            await _underWay.WaitAsync();
        }

        try
        {
            await fleet.UntilReadyAsync();
            await act();
        }
        finally
        {
            _underWay.Release(Loops);
            _oneRest.Release();
        }
    }

    private void Count(string what) => _counts.AddOrUpdate(what, 1, (_, n) => n + 1);

    private static Task SomeTime(Random random, double atMost) => Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * atMost));

    private async Task BrokerAsync(Random random)
    {
        await fleet.Broker.KillAsync();
        Kill("broker killed");
        if (random.Next(3) == 0)
        {
            fleet.Broker.Wipe();
            Count("broker wiped");
        }

        await SomeTime(random, 1);
        await fleet.Broker.StartAgainAsync();
    }

    private async Task ServerAsync(Random random)
    {
        await fleet.Server.KillAsync();
        Kill("server killed");
        if (fleet.Server.Disk is not { IsFull: true })
        {
            if (fleet.Server.HasCopy && random.Next(3) == 0)
            {
                fleet.Server.PutBack();
                Count("server's data put back");
            }
            else if (random.Next(4) == 0 || !fleet.Server.HasCopy)
            {
                fleet.Server.Copy();
            }
        }

        if (FalseTime.IsHere && random.Next(4) == 0)
        {
            fleet.Server.ClockError = TimeSpan.FromSeconds(random.Next(-7200, 600));
            Count("server's clock jumped");
        }

        await SomeTime(random, 0.5);
        while (random.Next(5) == 0)
        {
            // Killed while it starts.
            await fleet.Server.StartAsync(wait: false);
            await SomeTime(random, 1.5);
            await fleet.Server.KillAsync();
            Kill("server killed");
        }

        await fleet.Server.StartAsync();
    }

    private async Task StoreAsync(Random random)
    {
        if (fleet.Influx is not { } influx)
        {
            return;
        }

        var trouble = (InfluxTrouble)random.Next(0, 6);
        if (trouble == InfluxTrouble.None)
        {
            await influx.Real.KillAsync();
            Kill("InfluxDB killed");
            var away = random.Next(3) == 0;
            if (away)
            {
                Count("InfluxDB away");
            }

            await SomeTime(random, away ? (plan.IsShort ? 4 : 15) : 1);
            await influx.Real.StartAgainAsync();
            return;
        }

        Count($"InfluxDB {trouble}");
        influx.Trouble = trouble;
        await SomeTime(random, 4);
        influx.Trouble = InfluxTrouble.None;
    }

    private async Task EdgeAsync(Random random)
    {
        var edge = fleet.Edges[random.Next(fleet.Edges.Count)];
        if (edge.HasExited)
        {
            fleet.Wrong($"the edge of {edge.Site} ended by itself: {ServerUnderFire.Tail(edge.Output, 10)}");
        }

        await edge.KillAsync();
        Kill("edge killed");
        if (random.Next(4) == 0 || !edge.HasCopy)
        {
            edge.Copy();
        }

        await SomeTime(random, 0.5);
        edge.Start();
    }

    private async Task CrashAsync(Random random)
    {
        var device = fleet.Devices[random.Next(fleet.Devices.Count)];
        await device.CrashAsync();
        Count("device crashed");
        if (random.Next(4) == 0 || !device.HasCopy)
        {
            device.Copy();
        }

        await SomeTime(random, 0.5);
        device.Start();
    }

    private Task JumpAsync(Random random)
    {
        TimeSpan[] errors = [TimeSpan.Zero, TimeSpan.FromDays(-4 * 365), TimeSpan.FromDays(3 * 365), TimeSpan.FromMinutes(-90), TimeSpan.FromDays(-40 * 365)];
        fleet.Devices[random.Next(fleet.Devices.Count)].JumpTo(errors[random.Next(errors.Length)]);
        Count("clock jumped");
        return Task.CompletedTask;
    }

    private async Task DiskAsync(Random random)
    {
        if (fleet.Server.Disk is { } disk)
        {
            await disk.FillAsync();
            Count("disk filled");
            await SomeTime(random, 5);
            disk.Free();
        }
    }

    private async Task OutboxAsync(Random random)
    {
        if (random.Next(2) == 0)
        {
            var device = fleet.Devices[random.Next(fleet.Devices.Count)];
            fleet.Still(device.Site);
            if (device.HasCopy && await NumberedDevice.IsSoonAsync(async () => device.Waiting == 0 && await fleet.HasAllAsync(device), PutBackPatience))
            {
                _lostWithOutbox += await device.PutBackAsync(PutBackPatience);
                Count("device's outbox put back");

                // What the old list had is on the server alone: an older copy of that would be a second disaster.
                fleet.Server.ForgetCopy();
            }

            fleet.Still(null);
            return;
        }

        var edge = fleet.Edges[random.Next(fleet.Edges.Count)];
        fleet.Still(edge.Site);
        if (edge.HasCopy && await fleet.HasAllAsync(edge, PutBackPatience))
        {
            edge.PutBack();
            Count("edge's outbox put back");
            fleet.Server.ForgetCopy();
            edge.Start();
            await fleet.SettledAsync(edge.Site, PutBackPatience);
        }

        fleet.Still(null);
    }

    private void Kill(string what)
    {
        Interlocked.Increment(ref _kills);
        Count(what);
    }
}
