using System.CommandLine;
using Facility.Contracts.Mqtt;
using Facility.Server.Ports;

namespace Facility.Server;

/// <summary>What the server is told at start. Each option is also an environment variable: <c>--mqtt-port</c> is <c>FACILITY_MQTT_PORT</c>.</summary>
public sealed record ServerOptions
{
    public const string Embedded = "embedded";

    public string Urls { get; init; } = "http://localhost:8080";

    public string Data { get; init; } = "data";

    public string Sites { get; init; } = "seeds/sites.json";

    /// <summary>Null for the embedded broker.</summary>
    public BrokerOptions? Broker { get; init; }

    public int MqttPort { get; init; } = 1883;

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

    /// <summary>Whom push services may tell that something is wrong, mailto: or https:; null: nothing is pushed.</summary>
    public string? PushContact { get; init; }

    /// <summary>The clock is right though it is more than five years past the journal's last entry.</summary>
    public bool BelieveClock { get; init; }
}

/// <summary>The command line of <c>facility-server</c>.</summary>
public sealed class ServerCommandLine
{
    private readonly Option<string> urls = Text("--urls", "Where to serve pages and the API.", "http://localhost:8080");
    private readonly Option<string> data = Text("--data", "Folder of the journal and the embedded time series.", "data");
    private readonly Option<string> sites = Text("--sites", "Sites file that fills an empty server.", "seeds/sites.json");
    private readonly Option<string> broker = Text("--broker", "embedded, or mqtt[s]://[user@]host[:port].", ServerOptions.Embedded);
    private readonly Option<string> brokerPassword = Text("--broker-password-file", "File with the broker's password.", "");
    private readonly Option<string> brokerCa = Text("--broker-ca-file", "PEM file of who signed an mqtts broker's certificate; else the machine's trust.", "");
    private readonly Option<string> brokerCertificate = Text("--broker-certificate-file", "PEM file of the server's certificate for an mqtts broker.", "");
    private readonly Option<string> brokerKey = Text("--broker-key-file", "PEM file of that certificate's private key.", "");
    private readonly Option<string> clientId = Text("--broker-client-id", "The server's client id at the broker.", "facility-server");
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

    private readonly Option<string> pushContact = Text("--push-contact", "Whom browsers' push services may tell of trouble, mailto:you@example.org or an https URL; without it nothing is pushed.", "");

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
                urls, data, sites, broker, brokerPassword, brokerCa, brokerCertificate, brokerKey, clientId, mqttPort, prefix,
                series, database, user, password, token, retention, figures, journal, pushContact,
            })
        {
            root.Options.Add(option);
        }

        root.Options.Add(believeClock);
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

    private static Option<string> Text(string name, string description, string ifMissing)
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

        string? File(Option<string> option) => OrNull(option) is not { } path || System.IO.File.Exists(path) ? OrNull(option)
            : throw new FormatException($"{option.Name} {path}: there is no such file, or the server may not see it.");

        return new ServerOptions
        {
            Urls = ReadUrls(Of(urls)),
            Data = Of(data),
            Sites = Of(sites),
            Broker = Of(broker) == ServerOptions.Embedded ? null : ReadBroker(
                Of(broker), Of(clientId), Secret(brokerPassword), new BrokerTls(File(brokerCa), File(brokerCertificate), File(brokerKey))),
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
            PushContact = OrNull(pushContact) is { } contact ? ReadContact(contact) : null,
            BelieveClock = parsed.GetValue(believeClock),
        };
    }

    private static TimeSpan? Longer(TimeSpan? a, TimeSpan? b) => a is null || b is null ? null : a > b ? a : b;

    private static TimeSpan? Days(Option<string> option, string text) => text == "off" ? null
        : int.TryParse(text, out var days) && days is > 0 and <= 36500 ? TimeSpan.FromDays(days)
        : throw new FormatException($"{option.Name} {text} is not allowed: give days from 1 to 36500, or off.");

    // Push services look at it: Apple's refuses what is neither.
    private static string ReadContact(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeMailto ? url.AbsoluteUri.Contains('@', StringComparison.Ordinal) : url.Scheme == Uri.UriSchemeHttps) ? url.AbsoluteUri
        : throw new FormatException($"--push-contact {text} is not allowed: give mailto: and a mail address, or an https URL.");

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

    private static BrokerOptions ReadBroker(string text, string clientId, string? password, BrokerTls tls)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url is not { Scheme: "mqtt" or "mqtts", Host.Length: > 0 } || url.UserInfo.Contains(':', StringComparison.Ordinal))
        {
            throw new FormatException("--broker is not allowed: give embedded, or mqtt[s]://[user@]host[:port] with the password in --broker-password-file.");
        }

        var encrypted = url.Scheme == "mqtts";
        if (!encrypted && tls != new BrokerTls(null, null, null))
        {
            throw new FormatException($"--broker {url.Scheme}://{url.Host} is in the clear: files of certificates are for mqtts://.");
        }

        if (tls.CertificateFile is null != tls.KeyFile is null)
        {
            throw new FormatException("--broker-certificate-file and --broker-key-file belong together: give both, or neither.");
        }

        var user = url.UserInfo.Length > 0 ? Uri.UnescapeDataString(url.UserInfo) : null;
        return new BrokerOptions(url.Host, url.Port > 0 ? url.Port : encrypted ? 8883 : 1883, clientId, user, password, encrypted ? tls : null);
    }
}
