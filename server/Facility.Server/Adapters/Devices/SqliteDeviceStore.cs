using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Domain.Devices;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters.Devices;

/// <summary><see cref="IDeviceStore"/> in one SQLite file, synced fully: who was revoked stays so over a power cut.</summary>
public sealed class SqliteDeviceStore : IDeviceStore, IDisposable
{
    private readonly SqliteConnection _db;
    private readonly Lock _gate = new();

    /// <exception cref="JournalUnavailableException">The file cannot be opened or made.</exception>
    public SqliteDeviceStore(string path)
    {
        try
        {
            _db = JournalSchema.Open(path, readOnly: false);
            _db.Execute("""
                PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
                CREATE TABLE IF NOT EXISTS claim(hash TEXT PRIMARY KEY, made INTEGER NOT NULL, document TEXT NOT NULL) WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS claim_made ON claim(made);
                CREATE TABLE IF NOT EXISTS certificate(serial TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS device(device TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
                """);
        }
        catch (SqliteException e)
        {
            _db?.Dispose();
            throw new JournalUnavailableException($"The devices {path} cannot be opened: {e.Message}", e);
        }
    }

    public IReadOnlyList<DeviceClaim> Claims(DateTimeOffset since) =>
        Read("SELECT document FROM claim WHERE made >= $0 ORDER BY made DESC LIMIT 1000", DevicesJson.Default.DeviceClaim, since.UtcTicks);

    public DeviceClaim? FindClaim(string hash) => Read("SELECT document FROM claim WHERE hash = $0", DevicesJson.Default.DeviceClaim, hash).SingleOrDefault();

    public void Save(DeviceClaim claim) => Save([], null, claim);

    public IReadOnlyList<DeviceCertificate> Certificates() => Read("SELECT document FROM certificate ORDER BY serial", DevicesJson.Default.DeviceCertificate);

    public IReadOnlyList<KeptDevice> Devices() => Read("SELECT document FROM device ORDER BY device", DevicesJson.Default.KeptDevice);

    public void Save(IReadOnlyCollection<DeviceCertificate> certificates, KeptDevice? device = null, DeviceClaim? claim = null)
    {
        lock (_gate)
        {
            using var transaction = _db.BeginTransaction();
            foreach (var c in certificates)
            {
                Run(transaction, "INSERT OR REPLACE INTO certificate VALUES($0,$1)", c.Serial, JsonSerializer.Serialize(c, DevicesJson.Default.DeviceCertificate));
            }

            if (device is not null)
            {
                Run(transaction, "INSERT OR REPLACE INTO device VALUES($0,$1)", device.Device, JsonSerializer.Serialize(device, DevicesJson.Default.KeptDevice));
            }

            if (claim is not null)
            {
                Run(transaction, "INSERT OR REPLACE INTO claim VALUES($0,$1,$2)", claim.Hash, claim.MadeAt.UtcTicks, JsonSerializer.Serialize(claim, DevicesJson.Default.DeviceClaim));
            }

            transaction.Commit();
        }
    }

    public void Dispose() => _db.Dispose();

    private List<T> Read<T>(string sql, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, params object[] values)
    {
        lock (_gate)
        {
            using var command = _db.Statement(sql, values.Length).With(values);
            return command.List(row => JsonSerializer.Deserialize(row.GetString(0), type)!);
        }
    }

    private void Run(SqliteTransaction transaction, string sql, params object[] values)
    {
        using var command = _db.Statement(sql, values.Length).With(values);
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }
}

[JsonSerializable(typeof(DeviceClaim))]
[JsonSerializable(typeof(DeviceCertificate))]
[JsonSerializable(typeof(KeptDevice))]
internal sealed partial class DevicesJson : JsonSerializerContext;
