using System.Globalization;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;
using Microsoft.Data.Sqlite;

namespace Facility.Tests.Integration.Faults;

/// <summary>The real edge program with simulated pins: someone walks in and out, and presses the button. What it made is what its outbox holds.</summary>
internal sealed class RealEdge(string site, int port, Random random) : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<(Guid Stream, long Seq), Made> _before = [];
    private RunningProgram? _program;
    private string _lastWords = "";

    public string Site => site;

    public string Output => _program?.Output ?? _lastWords;

    public bool HasExited => _program?.HasExited == true;

    public bool HasCopy => Directory.Exists(_folder["copy"]);

    public void Start() => _program = RunningProgram.Edge(
        "--config", Path.Combine(RunningProgram.Root, $"seeds/edge/{site}.json"), "--simulate", "--stdin",
        "--broker", $"mqtt://{Mosquitto.Host}:{port}", "--data", _folder["data"]);

    public async Task PlayAsync()
    {
        var line = random.Next(8) switch
        {
            0 => $"help-button {random.Next(2)}",
            1 => $"aed-door {random.Next(2)}",
            2 => string.Create(CultureInfo.InvariantCulture, $"hall-temp {random.Next(150, 250) / 10.0}"),
            _ => $"main-door {(random.Next(5) < 3 ? 1 : -1)}",
        };
        try
        {
            await (_program?.WriteLineAsync(line) ?? Task.CompletedTask);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It was killed: nobody walked.
        }
    }

    public async Task KillAsync()
    {
        if (_program is { } program)
        {
            _lastWords = program.Output;
            await program.DisposeAsync();
            _program = null;
        }
    }

    /// <summary>Of a stopped one.</summary>
    public void Copy()
    {
        if (HasCopy)
        {
            Directory.Delete(_folder["copy"], recursive: true);
        }

        if (Directory.Exists(_folder["data"]))
        {
            RealServer.CopyFolder(_folder["data"], _folder["copy"]);
        }
    }

    /// <summary>Puts a stopped one's outbox, of which the server has everything, back to the copy.</summary>
    public void PutBack()
    {
        Remember();
        Directory.Delete(_folder["data"], recursive: true);
        Directory.Move(_folder["copy"], _folder["data"]);
    }

    /// <summary>
    /// The highest number of each of its present streams, of a stopped one. A former stream, from before an outbox was put back, was acknowledged
    /// whole then; the server may have retired it since.
    /// </summary>
    public IReadOnlyDictionary<Guid, long> Highest() =>
        Rows("SELECT s.id, max(e.seq), 0, '', '', 0, 0 FROM events e JOIN streams s ON s.row = e.stream WHERE s.row IN (SELECT max(row) FROM streams GROUP BY kind) GROUP BY s.id").ToDictionary(r => r.Stream, r => r.Event.Seq);

    public IReadOnlyList<MadeStream> Streams()
    {
        Remember();
        return [.. _before.GroupBy(e => e.Key.Stream, e => e.Value).Select(s => new MadeStream(site, $"{site}-01", s.Key, [.. s.OrderBy(e => e.Seq)]))];
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private void Remember()
    {
        foreach (var (stream, made) in Rows("SELECT s.id, e.seq, e.at, e.sensor, e.kind, e.value, e.boot FROM events e JOIN streams s ON s.row = e.stream"))
        {
            _before[(stream, made.Seq)] = made;
        }
    }

    private List<(Guid Stream, Made Event)> Rows(string sql)
    {
        var rows = new List<(Guid, Made)>();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder["data"], "outbox.db"), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var r = command.ExecuteReader();
        while (r.Read())
        {
            rows.Add((Guid.Parse(r.GetString(0)), new Made(r.GetInt64(1), r.GetInt64(6) == 0 ? r.GetInt64(2) : null, r.GetString(3), r.GetString(4), r.GetDouble(5))));
        }

        return rows;
    }
}
