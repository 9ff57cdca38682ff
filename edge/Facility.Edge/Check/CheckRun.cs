using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Ports;
using Facility.Edge.Simulation;
using Microsoft.Extensions.DependencyInjection;

namespace Facility.Edge.Check;

/// <summary>
/// An installer's test of the wiring: claims the lines and shows each live, with the temperatures and the broker. No outbox is
/// opened and no event is sent. The agent must be stopped: a line has one owner.
/// </summary>
/// <param name="terminal">Its size; null when there is none. On a terminal the table is drawn anew, otherwise once, then a line for each change.</param>
internal sealed class CheckRun(
    EdgeConfig config, IPins pins, IThermometer thermometer, IEdgeClock clock, BrokerProbe probe, IServiceProvider services, TimeProvider time, TextWriter @out, Func<(int Width, int Height)>? terminal)
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TemperatureInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BrokerInterval = TimeSpan.FromSeconds(20);

    private CheckedLine[] _lines = [];
    private IReadOnlyList<CheckedTemperature> _temperatures = [];
    private CheckedBroker? _broker;
    private int _lost;

    /// <returns>0 when all could be read and the broker lets this device in, otherwise 1.</returns>
    /// <exception cref="PinsException">A line cannot be claimed.</exception>
    public async Task<int> RunAsync(bool once, CancellationToken cancel)
    {
        var sensors = config.Sensors.SelectMany(sensor => sensor.Lines.Select(line => (sensor, line))).ToList();
        pins.Claim([.. sensors.Select(s => s.line)]);
        var levels = pins.ReadLevels();
        _lines = [.. sensors.Select((s, i) => new CheckedLine(s.sensor, s.line, levels[i]))];
        try
        {
            await (once ? OnceAsync(cancel) : LiveAsync(cancel)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Ctrl-C is how it ends.
        }

        if (!once)
        {
            Summarize();
        }

        return _broker is { Reached: true } && _temperatures.All(t => t.Problem is null) ? 0 : 1;
    }

    private async Task OnceAsync(CancellationToken cancel)
    {
        (_temperatures, _broker) = (await ReadTemperaturesAsync().WaitAsync(cancel).ConfigureAwait(false), await probe.TryAsync(cancel).ConfigureAwait(false));
        Draw();
    }

    private async Task LiveAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] parts =
        [
            RepeatAsync(async () => Take(await ReadTemperaturesAsync().ConfigureAwait(false)), TemperatureInterval, stop.Token),
            RepeatAsync(async () => Take(await probe.TryAsync(stop.Token).ConfigureAwait(false)), BrokerInterval, stop.Token),
            ShowAsync(stop.Token),
            .. services.GetServices<IPlay>().Select(play => PlayAsync(play, stop.Token)),
        ];
        var first = await Task.WhenAny(parts).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }

    private async Task ShowAsync(CancellationToken cancel)
    {
        if (terminal is null)
        {
            Draw();
        }
        else
        {
            @out.Write("\x1b[2J");
        }

        while (true)
        {
            while (pins.Edges.TryRead(out var edge))
            {
                Take(edge);
            }

            if (terminal is not null)
            {
                @out.WriteLine($"\x1b[H{config.Site}/{config.Device}: move each sensor and see its line change. Ctrl-C ends.{(_lost > 0 ? $" Changes were lost {_lost} times." : "")}\x1b[K");
                Draw();
                @out.Write("\x1b[J");
            }

            @out.Flush();
            await Task.Delay(Redraw, time, cancel).ConfigureAwait(false);
        }
    }

    // Playing does not end the check.
    private async Task PlayAsync(IPlay play, CancellationToken cancel)
    {
        await play.RunAsync(services.GetRequiredService<Stage>(), cancel).ConfigureAwait(false);
        await Task.Delay(Timeout.Infinite, cancel).ConfigureAwait(false);
    }

    private async Task RepeatAsync(Func<Task> act, TimeSpan interval, CancellationToken cancel)
    {
        while (true)
        {
            await act().ConfigureAwait(false);
            await Task.Delay(interval, time, cancel).ConfigureAwait(false);
        }
    }

    private void Take(PinEdge edge)
    {
        if (edge.LostBefore is not null)
        {
            _lost++;
            var levels = pins.ReadLevels();
            _lines = [.. _lines.Select((line, i) => line with { Level = levels[i] })];
            Tell("changes were lost: they came faster than they could be read");
        }

        var at = clock.Read().ToWall(edge.TimestampNs);
        _lines[edge.Line] = _lines[edge.Line] with { Level = edge.Level, Changes = _lines[edge.Line].Changes + 1, Last = at };
        Tell(_lines[edge.Line].ToString(), at);
    }

    private void Take(IReadOnlyList<CheckedTemperature> temperatures)
    {
        var before = _temperatures;
        _temperatures = temperatures;
        foreach (var temperature in temperatures.Where((t, i) => before.Count == 0 || before[i].Reading != t.Reading))
        {
            Tell($"{temperature.Sensor.Id} {temperature.Reading}");
        }
    }

    private void Take(CheckedBroker broker)
    {
        if (_broker?.Reached != broker.Reached)
        {
            Tell($"broker {config.Broker.Url} {broker.Told}");
        }

        _broker = broker;
    }

    private Task<IReadOnlyList<CheckedTemperature>> ReadTemperaturesAsync() => Task.Run<IReadOnlyList<CheckedTemperature>>(() =>
        [.. config.Sensors.Where(sensor => sensor.Kind == EventKinds.Temperature).Select(sensor =>
        {
            // A 1-wire sensor takes 0.75 s.
            try
            {
                return new CheckedTemperature(sensor, thermometer.Read(sensor.Id, sensor.File), null);
            }
            catch (IOException e)
            {
                return new CheckedTemperature(sensor, null, e.Message);
            }
        })]);

    private void Draw()
    {
        var (now, size) = (time.GetUtcNow(), terminal?.Invoke() ?? (int.MaxValue, int.MaxValue));
        var rows = CheckTable.Render(_lines, _temperatures, config.Broker.Url.ToString(), _broker, now, size.Width);
        var fit = Math.Max(1, size.Height - 3);
        for (var i = 0; i < Math.Min(rows.Count, fit); i++)
        {
            // The head in bold; a line that just changed in reverse.
            var style = i == 0 ? "1" : i <= _lines.Length && now - _lines[i - 1].Last < TimeSpan.FromSeconds(1) ? "7" : "0";
            @out.WriteLine(terminal is null ? rows[i] : $"\x1b[{style}m{rows[i]}\x1b[0m\x1b[K");
        }

        if (rows.Count > fit)
        {
            @out.WriteLine($"... and {rows.Count - fit} rows more: make this window higher\x1b[K");
        }
    }

    private void Tell(string what, DateTimeOffset? at = null)
    {
        if (terminal is null)
        {
            @out.WriteLine($"{(at ?? time.GetUtcNow()).ToLocalTime():HH:mm:ss.fff} {what}");
        }
    }

    private void Summarize()
    {
        var never = _lines.Where(line => line.Changes == 0).ToList();
        @out.WriteLine();
        @out.WriteLine($"{_lines.Length - never.Count} of {_lines.Length} lines changed{(never.Count > 0 ? "; these never did:" : ".")}");
        foreach (var line in never)
        {
            @out.WriteLine("  " + line);
        }

        foreach (var temperature in _temperatures.Where(t => t.Problem is not null))
        {
            @out.WriteLine($"{temperature.Sensor.Id} {temperature.Reading}");
        }

        @out.WriteLine($"broker {config.Broker.Url} {_broker?.Told ?? "did not answer yet"}");
    }
}
