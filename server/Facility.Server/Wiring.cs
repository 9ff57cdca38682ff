using Facility.Contracts.Mqtt;
using Facility.Domain.Places;
using Facility.Server.Adapters;
using Facility.Server.Adapters.Broker;
using Facility.Server.Adapters.Channels;
using Facility.Server.Adapters.Devices;
using Facility.Server.Devices;
using Facility.Server.OnCall;
using Facility.Server.Pipeline;
using Facility.Server.Ports;

namespace Facility.Server;

/// <summary>The only place that names an adapter.</summary>
public static class Wiring
{
    private static readonly string OwnPassword = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    /// <summary>The core: journal, ingestion, devices, sites. The time series and the API are added to it.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be opened.</exception>
    public static IServiceCollection AddFacilityCore(this IServiceCollection services, ServerOptions options)
    {
        var journal = new SqliteJournal(Path.Combine(options.Data, "journal.db"), TimeProvider.System, options.BelieveClock);
        var cursors = OpenCursors(options, TimeProvider.System.GetUtcNow());

        // Factories, so that the container closes them when it stops.
        services.AddSingleton(_ => journal);
        services.AddSingleton(_ => cursors);
        services.AddSingleton<IJournalReader>(s => s.GetRequiredService<SqliteJournal>());
        services.AddSingleton<IJournalCounts>(s => s.GetRequiredService<SqliteJournal>());
        services.AddSingleton<ISitesRevisions>(s => s.GetRequiredService<SqliteJournal>());
        services.AddSingleton<IStoreSizes>(s => s.GetRequiredService<SqliteJournal>());
        services.AddSingleton<IJournalWriter>(s => s.GetRequiredService<SqliteJournal>().Writer);
        services.AddSingleton<ICursors>(s => s.GetRequiredService<SqliteCursors>());

        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(BrokerOf(options));
        services.AddSingleton(new Topics(options.TopicPrefix));
        services.AddSingleton<ServerCounters>();
        services.AddSingleton<ServerHealth>();
        services.AddSingleton<Api.IReadiness>(s => s.GetRequiredService<ServerHealth>());
        services.AddSingleton<Metrics>();
        services.AddSingleton<DeviceOutbox>();
        services.AddSingleton<SitesDirectory>();
        services.AddSingleton<ISitesDirectory>(s => s.GetRequiredService<SitesDirectory>());
        services.AddSingleton<Places.SitesConfiguration>();
        services.AddSingleton<Func<IEnumerable<IFollowerPosition>>>(s => () => s.GetServices<IFollowerPosition>());
        services.AddSingleton<DeviceDirectory>();
        services.AddSingleton<DoorFaults>();
        services.AddSingleton<IDeviceDirectory, NamedDevices>();
        services.AddFacilityDevices(options);

        services.AddSingleton<ICalendars>(_ => new IcalCalendars(options.Data, new HttpClient { Timeout = IcalCalendars.Deadline }, TimeProvider.System));

        services.AddHosted<IngestionPipeline>();
        services.AddSingleton<IFactJournal>(s => s.GetRequiredService<IngestionPipeline>());
        services.AddHosted<ReachabilitySweep>();
        services.AddHosted<JournalRetention>();
        services.AddHosted<MqttListener>();
        return services;
    }

    /// <summary>Who the devices are: their authority, what is kept of them, and the broker's door.</summary>
    private static void AddFacilityDevices(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(s => new DeviceAuthority(options.Devices, s.GetRequiredService<TimeProvider>().GetUtcNow()));
        services.AddSingleton<IDeviceAuthority>(s => s.GetRequiredService<DeviceAuthority>());
        services.AddSingleton<IDeviceStore>(_ => new SqliteDeviceStore(Path.Combine(options.Data, "devices.db")));
        services.AddSingleton<DeviceRegister>();
        services.AddSingleton<BrokerRefusals>();
        services.AddSingleton<Renewals>();
        services.AddSingleton(s => new EmbeddedBroker(
            options.Listening ?? new BrokerListening(options.MqttPort, null, System.Net.IPAddress.Loopback, ["localhost"]), s.GetRequiredService<BrokerOptions>(),
            s.GetRequiredService<Topics>(), s.GetRequiredService<DeviceAuthority>(), s.GetRequiredService<DeviceRegister>(), s.GetRequiredService<BrokerRefusals>(),
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<EmbeddedBroker>>()));
        services.AddSingleton<IBrokerDoor>(s => options.Broker is { } own
            ? new TakenOver(own, s.GetRequiredService<TimeProvider>()) : s.GetRequiredService<EmbeddedBroker>());
        services.AddHosted<RevocationSweep>();
        services.AddSingleton<Api.IReadiness>(s => s.GetRequiredService<RevocationSweep>());
    }

    /// <summary>The embedded broker, where no other is given; the container stops it.</summary>
    /// <exception cref="BrokerException">Its port is in use.</exception>
    public static Task StartBrokerAsync(IServiceProvider services, ServerOptions options) =>
        options.Broker is null ? services.GetRequiredService<EmbeddedBroker>().StartAsync() : Task.CompletedTask;

    // To the embedded one by a password of this process: no other program of this machine may acknowledge what devices send.
    private static BrokerOptions BrokerOf(ServerOptions options) => options.Broker ?? new BrokerOptions("127.0.0.1", options.MqttPort, User: "facility-server", Password: OwnPassword);

    /// <summary>The time series that the options ask for, and its follower.</summary>
    public static IServiceCollection AddFacilitySeries(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<IUnwritable>(s => new UnwritableFile(
            Path.Combine(options.Data, "unwritable.log"), s.GetRequiredService<ILogger<UnwritableFile>>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ISeriesStore>(s => options.Series is { } url
            ? new InfluxSeriesStore(
                new InfluxOptions(url, options.InfluxDatabase, options.RawRetention, options.InfluxUser, options.InfluxPassword, options.InfluxToken,
                    FigureRetention: options.FigureRetention),
                s.GetRequiredService<IUnwritable>())
            : new SqliteSeriesStore(Path.Combine(options.Data, "series.db"), options.RawRetention, s.GetRequiredService<TimeProvider>(), options.FigureRetention));
        services.AddSingleton<IStoreSizes>(s => (IStoreSizes)s.GetRequiredService<IUnwritable>());
        if (options.Series is null)
        {
            services.AddSingleton<IStoreSizes>(s => (IStoreSizes)s.GetRequiredService<ISeriesStore>());
        }

        return services.AddFollower<SeriesFollower>();
    }

    /// <summary>The occupancy of the sites: its follower, what it saves, and what it shows.</summary>
    public static IServiceCollection AddFacilityOccupancy(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<OccupancyBoard>();
        services.AddSingleton<IOccupancyState>(s => s.GetRequiredService<OccupancyBoard>());
        services.AddSingleton(_ => new SqliteOccupancyStore(Path.Combine(options.Data, "occupancy.db"), options.FigureRetention));
        services.AddSingleton<IOccupancyStore>(s => s.GetRequiredService<SqliteOccupancyStore>());
        services.AddSingleton<IStoreSizes>(s => s.GetRequiredService<SqliteOccupancyStore>());
        services.AddHosted<OccupancyFollower>();
        services.AddSingleton<IFollowerPosition>(s => s.GetRequiredService<OccupancyFollower>());
        services.AddSingleton<Api.IReadiness>(s => s.GetRequiredService<OccupancyFollower>());
        services.AddHosted<HistoryFollower>();
        return services;
    }

    /// <summary>The incidents: their follower, their desk, and what is kept of them.</summary>
    public static IServiceCollection AddFacilityIncidents(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<IIncidentStore>(_ => new SqliteIncidentStore(Path.Combine(options.Data, "incidents.db")));
        services.AddSingleton(s => new IncidentDesk(
            s.GetRequiredService<IIncidentStore>(),
            upTo => s.GetRequiredService<IJournalCounts>().NewestSites(upTo) is { } ruled ? new SitePlans(ruled.Document) : SitePlans.Empty));
        services.AddSingleton<IncidentActs>();
        services.AddSingleton<IDiskSpace>(_ => new DataDisk(options.Data));
        services.AddSingleton<ServerWatch>();
        services.AddSingleton<IIncidentState>(s => s.GetRequiredService<IncidentDesk>());
        return services.AddFollower<IncidentFollower>();
    }

    /// <summary>Who is called: channels, what was promised to whom, and the pager.</summary>
    public static IServiceCollection AddFacilityOnCall(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<IOnCallStore>(_ => new SqliteOnCallStore(Path.Combine(options.Data, "on-call.db")));
        services.AddSingleton<IRosterCalendar, IcalRoster>();
        services.AddSingleton<OnCallFile>();
        services.AddSingleton<IOnCallRevisions>(_ => new SqliteOnCallRevisions(Path.Combine(options.Data, "on-call.db")));
        services.AddSingleton(s => new OnCallRules(
            s.GetRequiredService<OnCallFile>(), options.OnCall, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<OnCallRules>>(),
            s.GetRequiredService<IOnCallRevisions>()));
        services.AddSingleton<OnCallConfiguration>();
        services.AddSingleton<ChannelTests>();
        services.AddSingleton(s => new Links(s.GetRequiredService<IOnCallStore>(), options.PublicUrl));
        services.AddSingleton<Api.AcknowledgePage.Parts>();
        services.AddFacilityChannels(
            options.Channels, BrokerOf(options), options.TopicPrefix, options.PublicUrl, Path.Combine(options.Data, "vapid.pem"));
        services.AddSingleton<IPushKey>(s => s.GetRequiredService<WebPush>());
        services.AddHosted<Pager>();
        if (options.WatchUrl is { } watch)
        {
            services.AddHostedService(s => new WatchCall(
                watch, s.GetServices<Api.IReadiness>(), Provider.Client(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<WatchCall>>()));
        }

        return services;
    }

    /// <summary>The ways in which people are reached.</summary>
    /// <param name="broker">Null where there is none to speak to.</param>
    /// <param name="server">Where the server takes reports of delivery; null where nobody does.</param>
    /// <param name="pushKey">The file of the key that browsers know the server by; null where this is not the server.</param>
    internal static IServiceCollection AddFacilityChannels(
        this IServiceCollection services, ChannelOptions options, BrokerOptions? broker, string prefix, Uri? server, string? pushKey)
    {
        var http = Provider.Client();
        if (options.Webhook is { } signature)
        {
            services.AddSingleton(signature);
        }

        services.AddSingleton<IChannel>(new EmailChannel(options.Smtp));
        services.AddSingleton<IChannel>(new NtfyChannel(options.NtfyTokens, http));
        services.AddSingleton<IChannel>(s => new WebhookChannel(options.Webhook, server, http, s.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddSingleton(s => new WebPush(pushKey, options.PushContact, http, s.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddSingleton<IChannel>(s => s.GetRequiredService<WebPush>());
        return services.AddSingleton<IChannel>(new MqttChannel(broker, prefix));
    }

    /// <summary>Who may do what, and who did.</summary>
    public static IServiceCollection AddFacilityAccess(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(_ => new AccessFile(Path.Combine(options.Data, "access.db")));
        services.AddSingleton<ITokens, SqliteTokens>().AddSingleton<ISessions, SqliteSessions>().AddSingleton<IInvitations, SqliteInvitations>();
        services.AddSingleton<IAccounts, SqliteAccounts>();
        Api.Access.Passwords.AddPasswords<SqliteAccounts>(services);
        Api.Access.OpenId.AddOpenId(services.AddSingleton(options.Web), options.OpenId, Path.Combine(options.Data, "keys"));
        return services.AddSingleton<IAudit, SqliteAudit>();
    }

    /// <summary>The tokens and the audit of a data folder, for commands; a server may have it open.</summary>
    /// <exception cref="JournalUnavailableException">There is no such folder, or it cannot be opened.</exception>
    public static Commands.OpenedAccess OpenAccess(string data)
    {
        if (!Directory.Exists(data))
        {
            throw new JournalUnavailableException($"there is no folder {data}. Give the server's data folder with --data.");
        }

        var file = new AccessFile(Path.Combine(data, "access.db"));
        return new Commands.OpenedAccess(
            new SqliteTokens(file), new SqliteAccounts(file), new SqliteInvitations(file),
            new SqliteAudit(file, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteAudit>.Instance), file);
    }

    /// <summary>The commands around the on-call file.</summary>
    public static System.CommandLine.Command OnCallCommand()
    {
        // Addresses are checked; nothing is sent, no broker asked, and no key read.
        OnCallFile Checking(ChannelOptions channels) => new(new ServiceCollection()
            .AddFacilityChannels(channels, new BrokerOptions("127.0.0.1", 1883), Topics.DefaultPrefix, null, "vapid.pem").BuildServiceProvider().GetServices<IChannel>());
        return Commands.OnCallCommand.Create(Checking, new IcalRoster(), TimeProvider.System);
    }

    /// <summary>The journal of a server that is not running, for its commands.</summary>
    /// <exception cref="JournalUnavailableException">It cannot be opened, or there is none and it may not be made.</exception>
    public static Commands.SitesJournal OpenStoppedJournal(string data, bool make)
    {
        var path = Path.Combine(data, "journal.db");
        if (!make && !File.Exists(path))
        {
            throw new JournalUnavailableException($"there is no {path}. Give the server's data folder with --data.");
        }

        var journal = new SqliteJournal(path, TimeProvider.System);
        return new Commands.SitesJournal(journal.Writer, journal.NewestSites()?.Document, journal);
    }

    // Only now that the journal is this process's own: what is damaged of what is made of it is made again.
    private static SqliteCursors OpenCursors(ServerOptions options, DateTimeOffset now)
    {
        bool IsMadeAgain(string name, bool anyway = false) => DerivedFiles.SetAside(Path.Combine(options.Data, name), now, anyway);
        var isSeriesMadeAgain = options.Series is null && IsMadeAgain("series.db");

        // What the occupancy has shipped to the time series it ships again.
        IsMadeAgain("occupancy.db", anyway: isSeriesMadeAgain);
        IsMadeAgain("incidents.db");
        IsMadeAgain("cursors.db");
        var cursors = new SqliteCursors(Path.Combine(options.Data, "cursors.db"));
        if (isSeriesMadeAgain)
        {
            cursors.Save(SeriesFollower.FollowerName, 0);
        }

        return cursors;
    }

    /// <summary>A follower of the journal: started with the host, and seen by the lag of devices and metrics.</summary>
    public static IServiceCollection AddFollower<T>(this IServiceCollection services)
        where T : JournalFollower
    {
        services.AddHosted<T>();
        services.AddSingleton<IFollowerPosition>(s => s.GetRequiredService<T>());
        return services;
    }

    private static void AddHosted<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(s => s.GetRequiredService<T>());
    }
}
