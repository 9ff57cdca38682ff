using System.Text.Json;
using Facility.Contracts.OnCall;
using Facility.Domain.OnCall;
using Facility.Server.Commands;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>The on-call file that rules: read again when it changes, and kept as it was where what it changed to is wrong.</summary>
/// <param name="revisions">Where what ruled is kept; null where nobody looks back.</param>
public sealed class OnCallRules(OnCallFile file, string path, TimeProvider time, ILogger<OnCallRules> logger, IOnCallRevisions? revisions = null)
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

    /// <summary>Writes a document that was checked into the file; it rules when this returns. The file is the old or the new one, whatever happens.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Save(OnCallDocument document, string who, string note)
    {
        lock (_gate)
        {
            var json = JsonSerializer.Serialize(document, PrettyJson.Default.OnCallDocument) + "\n";
            var draft = path + ".new";
            File.WriteAllText(draft, json);
            File.Move(draft, path, overwrite: true);
            (_written, _lookedAt) = (File.GetLastWriteTimeUtc(path), time.GetTimestamp());
            _current = new Escalation(document);
            revisions?.Add(time.GetUtcNow(), who, note, json);
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
        var json = JsonSerializer.Serialize(loaded.Document, PrettyJson.Default.OnCallDocument) + "\n";
        if (revisions is not null && revisions.Newest()?.Document != json)
        {
            revisions.Add(time.GetUtcNow(), "", "", json);
        }
    }
}
