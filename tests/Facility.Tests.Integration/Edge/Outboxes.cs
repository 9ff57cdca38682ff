using System.Collections.Concurrent;
using Facility.Edge.Adapters;
using Facility.Edge.Ports;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Integration.Edge;

/// <summary>The outbox of ratelaar-01, as these tests open, fill and read it.</summary>
internal static class Outboxes
{
    public static SqliteOutbox Open(string folder, Log? log = null, long mostBytes = SqliteOutbox.MostBytes) =>
        new(folder, "ratelaar", "ratelaar-01", SystemClock.BootId, TimeProvider.System, log ?? new Log(), mostBytes);

    public static ValueTask AddAsync(this SqliteOutbox outbox, string sensor, string kind, double value) =>
        outbox.AppendAsync(new NewEvent(DateTimeOffset.UtcNow, sensor, kind, value, true), CancellationToken.None);

    public static Task FlushAsync(this SqliteOutbox outbox) => outbox.FlushAsync(CancellationToken.None);

    public static OutboxBatch Read(this SqliteOutbox outbox, StreamKind kind, long from, int atMost) => outbox.Read(outbox.Info(kind).Id, from, atMost);

    public static void MarkAcknowledged(this SqliteOutbox outbox, StreamKind kind, long seq) => outbox.MarkAcknowledged(outbox.Info(kind).Id, seq);

    /// <summary>SQLite's own check of a file that nobody has open.</summary>
    public static string Integrity(string folder)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "outbox.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>All that a stream holds, by number; fails where a number is missing.</summary>
    public static List<(long Seq, double Value)> All(this SqliteOutbox outbox, StreamKind kind)
    {
        var all = new List<(long, double)>();
        var info = outbox.Info(kind);
        for (var next = info.Oldest; next <= info.Highest;)
        {
            var events = outbox.Read(kind, next, 5000).Events;
            Assert.NotEmpty(events);
            Assert.Equal(next, events[0].Seq);
            all.AddRange(events.Select(e => (e.Seq, e.Value)));
            next = events[^1].Seq + 1;
        }

        return all;
    }

    /// <summary>Keeps what the outbox tells.</summary>
    internal sealed class Log : ILogger<SqliteOutbox>
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string Text => string.Join('\n', _lines);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));
    }
}
