using Facility.Contracts.Mqtt;
using Facility.Edge.Adapters;
using Facility.Edge.Check;
using Facility.Edge.Configuration;
using Facility.Edge.Pipeline;
using Facility.Edge.Ports;
using Facility.Edge.Simulation;
using Facility.Edge.Uplink;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Facility.Edge;

/// <summary>The only place that names an adapter.</summary>
internal static class Wiring
{
    private static readonly TypedInput Typed = new(Console.In);

    /// <param name="read">Reads the configuration again, for a reload.</param>
    /// <exception cref="StartException">The script cannot be read.</exception>
    public static IHost Build(EdgeConfig config, EdgeOptions options, Func<EdgeConfig> read)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        AddSurroundings(builder);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        AddInputs(services, config, options);
        services.AddSingleton<IOutbox>(s => new SqliteOutbox(
            options.Data ?? config.Data, config.Site, config.Device, SystemClock.BootId, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<SqliteOutbox>>()));
        services.AddSingleton<SensorPipeline>();
        services.AddSingleton<Temperatures>();
        services.AddSingleton<IBeacon>(s => new ActivityLed("/sys/class/leds", s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new Reload(read, s.GetRequiredService<IHostApplicationLifetime>(), s.GetRequiredService<ILogger<Reload>>()));
        services.AddSingleton<Commands>();
        services.AddSingleton<MqttUplink>();
        services.AddHostedService<EdgeService>();
        return builder.Build();
    }

    /// <summary>The wiring test: the sensors and the broker, without an outbox.</summary>
    /// <exception cref="StartException">The script cannot be read.</exception>
    public static ServiceProvider BuildCheck(EdgeConfig config, EdgeOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        AddInputs(services, config, options);
        services.AddSingleton<BrokerProbe>();
        var isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
        services.AddSingleton(s => new CheckRun(
            config, s.GetRequiredService<IPins>(), s.GetRequiredService<IThermometer>(), s.GetRequiredService<IEdgeClock>(), s.GetRequiredService<BrokerProbe>(), s,
            TimeProvider.System, Console.Out, isTerminal ? () => (Console.WindowWidth, Console.WindowHeight) : null));
        return services.BuildServiceProvider();
    }

    private static void AddInputs(IServiceCollection services, EdgeConfig config, EdgeOptions options)
    {
        services.AddSingleton(config);
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        if (options.Simulate)
        {
            AddStage(services, config, options);
            return;
        }

        services.AddSingleton<IEdgeClock>(s => new SystemClock(s.GetRequiredService<TimeProvider>(), alwaysSynced: false));
        services.AddSingleton<IThermometer, KernelThermometer>();
        services.AddSingleton<IPins>(s => config.Gpio switch
        {
            { Driver: "system" } gpio => new SystemDeviceGpioPins(gpio.Chip, s.GetRequiredService<IEdgeClock>()),
            _ => new KernelGpioPins(config.Gpio?.Chip ?? "gpiochip0"),
        });
    }

    // Under systemd: readiness and watchdog, and levels that the journal understands; it adds the time itself.
    private static void AddSurroundings(HostApplicationBuilder builder)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is null)
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
            return;
        }

        builder.Logging.AddSystemdConsole();
        builder.Services.AddSingleton<ISystemdNotifier>(s => new NotifierOverReloads(new SystemdNotifier(), () => s.GetRequiredService<Reload>().Next is not null));
        builder.Services.AddSingleton<IHostLifetime, SystemdLifetime>();
        if (Watchdog.LimitFrom(Environment.GetEnvironmentVariable("WATCHDOG_USEC")) is { } limit)
        {
            builder.Services.AddHostedService(s => new Watchdog(
                limit, () => s.GetRequiredService<SensorPipeline>().Turns, s.GetRequiredService<ISystemdNotifier>(), s.GetRequiredService<TimeProvider>()));
        }
    }

    private static void AddStage(IServiceCollection services, EdgeConfig config, EdgeOptions options)
    {
        var kinds = config.Sensors.SelectMany(sensor => sensor.Lines.Select(_ => sensor.Kind));
        var pins = new SimulatedPins(kinds.Index().Where(line => line.Item == EventKinds.Present).Select(line => line.Index).ToHashSet());
        var time = TimeProvider.System;
        var recording = ReadRecording(config, options);
        IStageClock clock = recording is { Steps.Count: > 0 }
            ? new RecordedClock(recording.Steps[0].At.AddMinutes(-1), options.Speed, time)
            : new LiveClock(new SystemClock(time, alwaysSynced: true), time);
        services.AddSingleton<IPins>(pins);
        services.AddSingleton<IEdgeClock>(clock);
        services.AddSingleton(new Stage(config, pins, clock));
        services.AddSingleton<IThermometer>(s => s.GetRequiredService<Stage>());
        if (recording is not null)
        {
            services.AddSingleton(recording);
            services.AddSingleton<IPlay>(new CounterPlay(recording, Console.WriteLine));
        }
        else if (options.Speed is not { } speed)
        {
            throw new StartException("--speed max is for a recorded counter (flow,date,time,count); for other plays give a number");
        }
        else if (options.Script is not null)
        {
            var day = Parsed(options, lines => DayScript.Read(lines, options.Script.Extension is ".jsonl" or ".json", config.Site));
            services.AddSingleton<IPlay>(s => new DayPlay(day, speed, options.Zone, s.GetRequiredService<ILogger<DayPlay>>()));
        }
        else if (!options.Typed)
        {
            services.AddSingleton<IPlay>(new RandomPlay(options.Seed, speed));
        }

        if (options.Typed)
        {
            services.AddSingleton<IPlay>(s => new TypedPlay(Typed, s.GetRequiredService<ILogger<TypedPlay>>()));
        }
    }

    private static CounterRecording? ReadRecording(EdgeConfig config, EdgeOptions options)
    {
        if (options.Script is null || !Parsed(options, lines => lines.FirstOrDefault() == CounterRecording.Header))
        {
            return null;
        }

        return config.Sensors.Any(sensor => sensor.Kind == EventKinds.Passage)
            ? Parsed(options, lines => CounterRecording.Read(lines, options.Zone))
            : throw new StartException("a recorded counter needs a sensor of kind passage in the configuration");
    }

    private static T Parsed<T>(EdgeOptions options, Func<IEnumerable<string>, T> read)
    {
        try
        {
            return read(File.ReadLines(options.Script!.FullName));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{options.Script}: {e.Message}");
        }
    }
}
