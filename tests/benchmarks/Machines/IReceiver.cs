using Facility.Tests.Programs;

namespace Facility.Benchmarks.Machines;

/// <summary>What brings events from the broker into InfluxDB: ours, or a peer.</summary>
internal interface IReceiver : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Whether its devices wait for an acknowledgement.</summary>
    bool Acknowledges { get; }

    ChildProcess Process { get; }

    /// <summary>Starts it, again after <see cref="ChildProcess.KillAsync"/>; returns when it is subscribed.</summary>
    Task StartAsync();

    /// <summary>Events that a query of InfluxDB finds, of all time or since a moment.</summary>
    Task<long> StoredAsync(DateTimeOffset? since = null);

    /// <summary>Persons inside all sites, as it shows them live.</summary>
    Task<long> LiveAsync();
}
