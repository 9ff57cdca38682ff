using Facility.Edge.Uplink;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Edge;

public sealed class ReconnectTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Five_sites_after_a_power_cut_come_back_each_at_a_moment_of_its_own()
    {
        // The sites have power at once, their broker 90 s later: long enough that each waits its longest.
        var attempts = await PlayAsync(devices: 5, brokerBack: TimeSpan.FromSeconds(90), until: TimeSpan.FromSeconds(125));
        Assert.All(attempts, mine => Assert.InRange(mine.Count(at => at < 90), 5, 10));
        var back = attempts.Select(mine => mine.First(at => at >= 90)).Order().ToList();
        Assert.All(back, at => Assert.InRange(at, 90, 120));
        Assert.All(back.Zip(back.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 0.2, $"{pair.First} and {pair.Second} s"));
    }

    [Fact]
    public async Task Of_three_hundred_no_second_sees_more_than_a_tenth()
    {
        var attempts = await PlayAsync(devices: 300, brokerBack: TimeSpan.FromSeconds(90), until: TimeSpan.FromSeconds(125));
        var back = attempts.Select(mine => mine.First(at => at >= 90)).ToList();
        Assert.InRange(back.GroupBy(at => (int)at).Max(second => second.Count()), 1, 30);
    }

    [Fact]
    public async Task A_connection_that_ends_at_once_does_not_start_the_waits_anew()
    {
        var time = new FakeTimeProvider(Start);
        using var stop = new CancellationTokenSource();
        var made = new List<double>();
        var running = new Reconnect(time, () => 1).RunAsync(
            _ =>
            {
                made.Add((time.GetUtcNow() - Start).TotalSeconds);
                return made.Count == 4 ? Task.Delay(TimeSpan.FromSeconds(30), time, TestContext.Current.CancellationToken) : Task.CompletedTask;
            },
            _ => { },
            stop.Token);
        await PassAsync(time, TimeSpan.FromSeconds(45));
        await stop.CancelAsync();
        await running;

        // 1, 2 and 4 s; then one that held for 30 s, and the first wait again.
        Assert.Equal([0, 1, 3, 7, 38, 40, 44], made.Select(at => Math.Round(at)));
    }

    // The seconds from the start at which each device tried, in steps of 50 ms.
    private static async Task<List<double>[]> PlayAsync(int devices, TimeSpan brokerBack, TimeSpan until)
    {
        var time = new FakeTimeProvider(Start);
        using var stop = new CancellationTokenSource();
        var attempts = Enumerable.Range(0, devices).Select(_ => new List<double>()).ToArray();
        var running = attempts.Select((mine, i) =>
        {
            var random = new Random(i + 1);
            return new Reconnect(time, random.NextDouble).RunAsync(
                cancel =>
                {
                    mine.Add((time.GetUtcNow() - Start).TotalSeconds);
                    return time.GetUtcNow() - Start < brokerBack ? Task.FromException(new IOException("refused")) : Task.Delay(Timeout.Infinite, cancel);
                },
                _ => { },
                stop.Token);
        }).ToList();
        await PassAsync(time, until);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return attempts;
    }

    private static async Task PassAsync(FakeTimeProvider time, TimeSpan duration)
    {
        for (var passed = TimeSpan.Zero; passed < duration; passed += TimeSpan.FromMilliseconds(50))
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }
}
