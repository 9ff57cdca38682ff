using Facility.Contracts.Mqtt;

namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/devices</c>.</summary>
public sealed record DeviceList(IReadOnlyList<DeviceState> Devices);

/// <summary>A device as the server knows it; also pushed by the hub.</summary>
/// <param name="State"><c>online</c>, <c>offline</c> (it said so, or its Will did), <c>silent</c> (nothing for 90 s) or <c>unknown</c> (never heard).</param>
/// <param name="Faulty">It sent other content under a sequence number already used: a cloned card looks like that.</param>
/// <param name="Refused">Batches refused whole.</param>
/// <param name="SetAside">Events journaled and kept from estimates and incidents.</param>
/// <param name="Lost">Events that it had to drop, or that the server never got and never will.</param>
/// <param name="Sensors">The present levels it told last.</param>
/// <param name="Refusals">What was refused of it lately, the newest first, at most 10.</param>
/// <param name="Doors">How its doors count.</param>
/// <param name="Name">What people call it.</param>
/// <param name="RevokedAt">Nothing of it is taken since then, until it joins again.</param>
/// <param name="Identity">Its newest certificate; null where it never joined.</param>
public sealed record DeviceState(
    string Device,
    string Site,
    string State,
    DateTimeOffset? LastSeen,
    bool Faulty,
    long Refused,
    long SetAside,
    long Lost,
    IReadOnlyList<StreamState> Streams,
    string? Software = null,
    IReadOnlyList<SensorLevel>? Sensors = null,
    IReadOnlyList<string>? Faults = null,
    IReadOnlyList<DeviceRefusal>? Refusals = null,
    IReadOnlyList<DoorState>? Doors = null,
    string? Name = null,
    DateTimeOffset? RevokedAt = null,
    DeviceIdentity? Identity = null)
{
    public const string Online = "online";
    public const string Offline = "offline";
    public const string Silent = "silent";
    public const string Unknown = "unknown";
}

/// <param name="Reason">One of <see cref="RefusalReasons"/>, or <c>duplicate-with-other-content</c>.</param>
/// <param name="Size">Bytes of the batch as it came.</param>
/// <param name="Detail">What was wrong and what is allowed.</param>
public sealed record DeviceRefusal(DateTimeOffset At, string Reason, int Size, string Detail);

/// <param name="Acknowledged">The last sequence number on the server's disk.</param>
/// <param name="Lag">Acknowledged events that the slowest follower of the journal has yet to take.</param>
public sealed record StreamState(Guid Stream, long Acknowledged, long Lag);

/// <summary>What was learned of how a door counts; of the doors of one zone together.</summary>
/// <param name="PersonsPerIn">Persons for each one that it counts in its positive direction: 1.05 where it misses one in twenty.</param>
/// <param name="PersonsPerOut">The same of the other direction.</param>
/// <param name="Worse">0 where it counts as ever; 1 since it counts fewer in its negative direction, or more in its positive one; -1 for the reverse. It is then among the faults too.</param>
public sealed record DoorState(string Sensor, double PersonsPerIn, double PersonsPerOut, int Worse);
