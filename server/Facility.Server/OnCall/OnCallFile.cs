using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.OnCall;
using Facility.Domain.OnCall;
using Facility.Server.Places;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>An on-call file was refused; the message lists everything wrong with it, a line each.</summary>
public sealed class OnCallFileException(string message) : Exception(message);

/// <summary>Reads an on-call file: JSON, then its schema, then what refers to what, then each address by its channel.</summary>
public sealed class OnCallFile(IEnumerable<IChannel> channels)
{
    private static readonly CheckedJson Json = new("on-call.schema.json", message => new OnCallFileException(message));
    private readonly Dictionary<string, IChannel> _channels = channels.ToDictionary(c => c.Kind);

    /// <exception cref="OnCallFileException">With a message for a person.</exception>
    public (OnCallDocument Document, IReadOnlyList<string> Warnings) Load(string path)
    {
        var json = Json.Load(path);
        var warnings = Json.Check(json, path);
        var document = JsonSerializer.Deserialize(json, ApiJson.Default.OnCallDocument) ?? throw new OnCallFileException($"{path}: null is not an on-call document");
        Json.Refuse(path, OnCallCheck.Check(document, Refusal).ToArray());
        return (document, warnings);
    }

    private string? Refusal(ChannelAddress channel) => _channels.TryGetValue(channel.Kind, out var known)
        ? known.Refusal(channel.Address)
        : $"{channel.Kind} is not a channel of this server; there are {string.Join(", ", _channels.Keys)}";
}

/// <summary>The on-call file that rules: read again when it changes, and kept as it was where what it changed to is wrong.</summary>
public sealed class OnCallRules(OnCallFile file, string path, TimeProvider time, ILogger<OnCallRules> logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private Escalation? _current;
    private DateTime _written;
    private long _lookedAt;

    /// <summary>Null where there is no file: then nobody is called.</summary>
    public Escalation? Current
    {
        get
        {
            lock (_gate)
            {
                if (time.GetElapsedTime(_lookedAt) >= LookAgain)
                {
                    LookAtFile();
                }

                return _current;
            }
        }
    }

    /// <summary>Reads it for the first time.</summary>
    /// <exception cref="OnCallFileException">It is refused.</exception>
    public void Start()
    {
        lock (_gate)
        {
            _lookedAt = time.GetTimestamp();
            if (!File.Exists(path))
            {
                logger.LogWarning("There is no {Path}: nobody is called when something is wrong. Give a file with --on-call.", path);
                return;
            }

            _written = File.GetLastWriteTimeUtc(path);
            Use(file.Load(path));
        }
    }

    private void LookAtFile()
    {
        _lookedAt = time.GetTimestamp();
        var written = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : _written;
        if (written == _written)
        {
            return;
        }

        _written = written;
        try
        {
            Use(file.Load(path));
            logger.LogInformation("{Path} has changed and rules now", path);
        }
        catch (OnCallFileException e)
        {
            logger.LogError("The changed on-call file does not rule; what ruled goes on. {Problem}", e.Message);
        }
    }

    private void Use((OnCallDocument Document, IReadOnlyList<string> Warnings) loaded)
    {
        foreach (var warning in loaded.Warnings)
        {
            logger.LogWarning("{Path}: {Warning}", path, warning);
        }

        _current = new Escalation(loaded.Document);
    }
}
