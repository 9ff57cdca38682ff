using Facility.Domain.Incidents;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="IAudit"/> in <see cref="AccessFile"/>, whose triggers refuse to change a row or to take one away before its time.</summary>
public sealed class SqliteAudit : IAudit
{
    private const int Most = 500;
    private readonly AccessFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger<SqliteAudit> _logger;

    /// <summary>Forgets what has been kept for its time.</summary>
    public SqliteAudit(AccessFile file, TimeProvider time, ILogger<SqliteAudit> logger)
    {
        (_file, _time, _logger) = (file, time, logger);
        try
        {
            file.Run($"DELETE FROM audit WHERE at < (unixepoch('now') - {AccessFile.AuditDays + 1} * 86400) * 1000");
        }
        catch (SqliteException e)
        {
            logger.LogWarning("Old rows of the audit stay: {Reason}", e.Message);
        }
    }

    public void Record(string who, string what, string about, string? detail = null)
    {
        var (cleanWho, cleanWhat, cleanAbout, cleanDetail) = (Clean(who), Clean(what), Clean(about), Clean(detail));
        try
        {
            _file.Run(
                "INSERT INTO audit(at, who, what, about, detail) VALUES($0,$1,$2,$3,$4)",
                _time.GetUtcNow().ToUnixTimeMilliseconds(), cleanWho, cleanWhat, cleanAbout, cleanDetail);
        }
        catch (SqliteException e)
        {
            _logger.LogError("Not in the audit ({Reason}): {Who} {What} {About} {Detail}", e.Message, cleanWho, cleanWhat, cleanAbout, cleanDetail);
        }
    }

    public IReadOnlyList<AuditEntry> Between(DateTimeOffset from, DateTimeOffset to, int max) => _file.Read(
        "SELECT number, at, who, what, about, detail FROM audit WHERE at >= $0 AND at < $1 ORDER BY number DESC LIMIT $2",
        row => new AuditEntry(row.GetInt64(0), AccessFile.At(row, 1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5)),
        from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), (long)max);

    private static string Clean(string? text) => PersonText.Line(text) is var line && line.Length > Most ? line[..Most] : line;
}
