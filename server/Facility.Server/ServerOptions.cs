using System.CommandLine;
using Facility.Contracts.Mqtt;
using Facility.Server.Api.Access;
using Facility.Server.Ports;

namespace Facility.Server;

/// <summary>What the server is told at start. Each option is also an environment variable: <c>--mqtt-port</c> is <c>FACILITY_MQTT_PORT</c>.</summary>
public sealed record ServerOptions
{
    public const string Embedded = "embedded";

    public string Urls { get; init; } = "http://localhost:8080";

    public string Data { get; init; } = "data";

    public string Sites { get; init; } = "seeds/sites.json";

    /// <summary>Who is called when something is wrong; nobody where there is no such file.</summary>
    public string OnCall { get; init; } = "seeds/on-call.json";

    /// <summary>Where people reach this server: links in messages begin with it.</summary>
    public Uri PublicUrl { get; init; } = new("http://localhost:8080");

    /// <summary>Null for the embedded broker.</summary>
    public BrokerOptions? Broker { get; init; }

    /// <summary>By which providers people are reached.</summary>
    public ChannelOptions Channels { get; init; } = ChannelOptions.None;

    /// <summary>Called every minute while the server is ready; null for nobody.</summary>
    public Uri? WatchUrl { get; init; }

    public int MqttPort { get; init; } = 1883;

    /// <summary>Where the embedded broker listens; null where <see cref="MqttPort"/> says it all.</summary>
    public BrokerListening? Listening { get; init; }

    /// <summary>Who the devices are; null where nothing but the data folder says it.</summary>
    public DeviceOptions? DevicesGiven { get; init; }

    public DeviceOptions Devices => DevicesGiven ?? new DeviceOptions(
        Path.Combine(Data, "devices", "ca.crt"), Path.Combine(Data, "devices", "ca.key"), Path.Combine(Data, "devices", "revoked.crl"), null, TimeSpan.FromDays(365));

    public string TopicPrefix { get; init; } = Topics.DefaultPrefix;

    /// <summary>Null for the embedded store.</summary>
    public Uri? Series { get; init; }

    public string InfluxDatabase { get; init; } = "facility";

    public string? InfluxUser { get; init; }

    public string? InfluxPassword { get; init; }

    public string? InfluxToken { get; init; }

    /// <summary>Null: events and changes of occupancy are kept in the time series for ever.</summary>
    public TimeSpan? RawRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Null: quarter-hour figures are kept for ever.</summary>
    public TimeSpan? FigureRetention { get; init; } = TimeSpan.FromDays(1830);

    /// <summary>Null: the journal is never trimmed.</summary>
    public TimeSpan? JournalRetention { get; init; } = TimeSpan.FromDays(90);

    public WebOptions Web { get; init; } = WebOptions.Standard;

    /// <summary>Null without a provider of sign-in beside the server's own accounts.</summary>
    public OpenIdOptions? OpenId { get; init; }

    /// <summary>The clock is right though it is more than five years past the journal's last entry.</summary>
    public bool BelieveClock { get; init; }
}

/// <summary>The command line of <c>facility-server</c>.</summary>
public sealed class ServerCommandLine
{
    private readonly Option<string> urls = Text("--urls", "Where to serve pages and the API.", "http://localhost:8080");
    private readonly Option<string> data = Text("--data", "Folder of the journal and the embedded time series.", "data");
    private readonly Option<string> sites = Text("--sites", "Sites file that fills an empty server.", "seeds/sites.json");
    private readonly Option<string> onCall = Text("--on-call", "File that says who is called when something is wrong; read again when it changes.", "seeds/on-call.json");
    private readonly Option<string> publicUrl = Text("--public-url", "Where people reach this server, for links in messages; else the first of --urls.", "");
    private readonly BrokerCommandLine broker = new(ServerOptions.Embedded);
    private readonly ChannelCommandLine channels = new();
    private readonly DeviceCommandLine devices = new();
    private readonly WebCommandLine web = new();
    private readonly Option<string> watch = Text("--watch-url", "Address that is called every minute while the server is ready, so that its silence is noticed: https, or http to a facility-server watch.", "");
    private readonly Option<string> mqttPort = Text("--mqtt-port", "Port of the embedded broker, on loopback.", "1883");
    private readonly Option<string> prefix = Text("--topic-prefix", "Prefix of the MQTT topics.", Topics.DefaultPrefix);
    private readonly Option<string> series = Text("--series", "embedded, or the URL of InfluxDB: http://host:8086.", ServerOptions.Embedded);
    private readonly Option<string> database = Text("--influx-database", "Database (or bucket) in InfluxDB.", "facility");
    private readonly Option<string> user = Text("--influx-user", "User of InfluxDB.", "");
    private readonly Option<string> password = Text("--influx-password-file", "File with that user's password.", "");
    private readonly Option<string> token = Text("--influx-token-file", "File with a token of InfluxDB.", "");
    private readonly Option<string> retention = Text("--raw-retention", "Days that single events are kept in the time series, or off.", "90");
    private readonly Option<string> figures = Text("--figure-retention", "Days that quarter-hour figures are kept in the time series, or off; never shorter than single events.", "1830");
    private readonly Option<string> journal = Text("--journal-retention", "Days that entries are kept in the journal once all have followed, or off.", "90");

    private readonly Option<bool> believeClock = new("--believe-clock")
    {
        Description = "Take the clock for right though the journal was last used more than five years before: to start once after a long pause.",
    };

    /// <summary>The root command; other commands may be added to it.</summary>
    public RootCommand Root(Func<ServerOptions, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand("Occupancy and safety of buildings: takes events of devices, keeps them, and shows them.");
        foreach (var option in new[]
            {
                urls, data, sites, onCall, publicUrl, mqttPort, prefix, watch, series, database, user, password, token, retention, figures, journal,
            })
        {
            root.Options.Add(option);
        }

        root.Options.Add(believeClock);
        broker.AddTo(root);
        channels.AddTo(root);
        devices.AddTo(root);
        web.AddTo(root);
        root.SetAction(async (parsed, cancellation) =>
        {
            ServerOptions options;
            try
            {
                options = Read(parsed);
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 2;
            }

            return await run(options, cancellation);
        });
        return root;
    }

    internal static Option<string> Text(string name, string description, string ifMissing)
    {
        var variable = "FACILITY_" + name[2..].Replace('-', '_').ToUpperInvariant();
        return new Option<string>(name)
        {
            Description = $"{description} [{variable}]",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : ifMissing,
        };
    }

    /// <exception cref="FormatException">A value is not allowed; the message says which and what is.</exception>
    private ServerOptions Read(ParseResult parsed)
    {
        string Of(Option<string> option) => parsed.GetValue(option) ?? "";
        string? OrNull(Option<string> option) => Of(option) is { Length: > 0 } value ? value : null;
        string? Secret(Option<string> option) => OrNull(option) is { } path ? System.IO.File.ReadAllText(path).Trim() : null;

        var made = new ServerOptions
        {
            Urls = ReadUrls(Of(urls)),
            Data = Of(data),
            Sites = Of(sites),
            OnCall = Of(onCall),
            PublicUrl = ReadPublicUrl(OrNull(publicUrl) ?? Of(urls).Split(';')[0].Replace("*", "localhost", StringComparison.Ordinal).Replace("+", "localhost", StringComparison.Ordinal)
                .Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal)),
            Broker = broker.Read(parsed),
            Channels = channels.Read(parsed),
            WatchUrl = OrNull(watch) is { } called ? ReadWatch(called) : null,
            MqttPort = int.TryParse(Of(mqttPort), out var port) && port is > 0 and < 65536
                ? port
                : throw new FormatException($"--mqtt-port {Of(mqttPort)} is not allowed: give a port from 1 to 65535."),
            TopicPrefix = Of(prefix).Trim('/') is { Length: > 0 } topics && topics.IndexOfAny(['+', '#']) < 0
                ? topics
                : throw new FormatException($"--topic-prefix {Of(prefix)} is not allowed: give topic levels without + and #, such as facility/v1."),
            Series = Of(series) == ServerOptions.Embedded ? null
                : Uri.TryCreate(Of(series), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? new Uri(Of(series))
                : throw new FormatException($"--series {Of(series)} is not allowed: give embedded, or a URL such as http://localhost:8086."),
            InfluxDatabase = Of(database),
            InfluxUser = OrNull(user),
            InfluxPassword = Secret(password),
            InfluxToken = Secret(token),
            RawRetention = Days(retention, Of(retention)),
            FigureRetention = Longer(Days(figures, Of(figures)), Days(retention, Of(retention))),
            JournalRetention = Days(journal, Of(journal)),
            Web = web.Read(parsed),
            OpenId = web.ReadOpenId(parsed),
            BelieveClock = parsed.GetValue(believeClock),
        };
        var (who, listening) = devices.Read(parsed, made.Data, made.MqttPort, made.PublicUrl);
        return made with { DevicesGiven = who, Listening = listening };
    }

    private static TimeSpan? Longer(TimeSpan? a, TimeSpan? b) => a is null || b is null ? null : a > b ? a : b;

    private static TimeSpan? Days(Option<string> option, string text) => text == "off" ? null
        : int.TryParse(text, out var days) && days is > 0 and <= 36500 ? TimeSpan.FromDays(days)
        : throw new FormatException($"{option.Name} {text} is not allowed: give days from 1 to 36500, or off.");

    private static Uri ReadPublicUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Query: "", Fragment: "" }
        ? url
        : throw new FormatException($"--public-url {text} is not allowed: give an address such as https://facility.example.org.");

    private static Uri ReadWatch(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Fragment: "" }
        ? url
        : throw new FormatException($"--watch-url {text} is not allowed: give an address such as https://watch.example.org/alive.");

    private static string ReadUrls(string text)
    {
        try
        {
            return text.Split(';').Select(BindingAddress.Parse).All(a => a.Scheme == "http") ? text : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new FormatException($"--urls {text} is not allowed: give http://host:port, or several with ; between them. A proxy before it speaks https.");
        }
    }
}
