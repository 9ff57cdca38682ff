using Facility.Contracts;
using Facility.Contracts.Mqtt;

namespace Facility.Domain.Devices;

/// <summary>Who is at the broker.</summary>
public enum VisitorKind
{
    /// <summary>Showed a certificate of ours.</summary>
    Device,

    /// <summary>A program on the broker's own machine, without a name that can be checked.</summary>
    Local,

    /// <summary>This server.</summary>
    Server,
}

/// <param name="Site">Null where a device's certificate does not say it.</param>
public sealed record Visitor(VisitorKind Kind, string? Site = null, string? Device = null, string? Serial = null);

/// <summary>
/// Who may write and read which topic: the same for the embedded broker as <c>deploy/broker/acl</c> says for mosquitto.
/// </summary>
/// <remarks>
/// A device writes <c>urgent</c>, <c>events</c>, <c>status</c> and <c>renewal</c> of itself and its own discovery; it reads its own
/// <c>ack/...</c>, <c>command</c> and discovery, and <c>facility/piket/{device}</c>. A program on this machine writes as any device that has
/// not joined, since nothing tells who it is, and reads all. The server alone acknowledges and commands.
/// </remarks>
/// <param name="hasJoined">Whether a device has a certificate: then nobody speaks for it without.</param>
public sealed class TopicRights(Topics topics, Func<string, bool> hasJoined)
{
    private const string DiscoveryRoot = "homeassistant/device/";

    public bool MayPublish(Visitor who, string topic) => who.Kind switch
    {
        VisitorKind.Server => true,
        VisitorKind.Device => topic == Topics.Discovery(who.Device!) || (OfDevice(topic) is { } own && own.Device == who.Device && (who.Site ?? own.Site) == own.Site),
        _ => IsOwn(topic)
            ? OfDevice(topic) is { } said && Ids.IsValid(said.Site) && Ids.IsValid(said.Device) && !hasJoined(said.Device)
            : DiscoveredBy(topic) is not { } device || !hasJoined(device),
    };

    /// <param name="filter">As subscribed to, with its wildcards.</param>
    public bool MayRead(Visitor who, string filter)
    {
        if (who.Kind != VisitorKind.Device)
        {
            return true;
        }

        if (filter == Topics.Discovery(who.Device!) || filter == $"facility/piket/{who.Device}")
        {
            return true;
        }

        if (!filter.StartsWith(topics.Prefix + "/", StringComparison.Ordinal))
        {
            return false;
        }

        var parts = filter[(topics.Prefix.Length + 1)..].Split('/');
        return parts.Length >= 3 && Ids.IsValid(parts[0]) && (who.Site ?? parts[0]) == parts[0] && parts[1] == who.Device
            && (parts.Length, parts[2]) is (3, "command") or (4, "ack");
    }

    /// <summary>Whether this client id is for this visitor: a device's is its own, the server's is the server's.</summary>
    /// <param name="server">What the server's client ids begin with.</param>
    public bool MayBeCalled(Visitor who, string clientId, string server) => who.Kind switch
    {
        VisitorKind.Server => clientId.StartsWith(server, StringComparison.Ordinal),
        VisitorKind.Device => !clientId.StartsWith(server, StringComparison.Ordinal) && (clientId == who.Device || clientId == ClientIdOf(who.Device!) || clientId == $"{ClientIdOf(who.Device!)}-check"),
        _ => !clientId.StartsWith(server, StringComparison.Ordinal) && !hasJoined(clientId) && DeviceCalled(clientId) is var device && !hasJoined(device)
            && (!device.EndsWith("-check", StringComparison.Ordinal) || !hasJoined(device[..^"-check".Length])),
    };

    /// <summary>Whether an id is not for a device, since a certificate or a client id of that name is another's.</summary>
    public static bool IsReserved(string device) =>
        device is "ca" or "broker" || device.StartsWith("facility-", StringComparison.Ordinal) || device.StartsWith("server", StringComparison.Ordinal);

    /// <summary>What the agent calls itself at the broker.</summary>
    public static string ClientIdOf(string device) => "facility-" + device;

    private static string DeviceCalled(string clientId) => clientId.StartsWith("facility-", StringComparison.Ordinal) ? clientId["facility-".Length..] : clientId;

    private static string? DiscoveredBy(string topic) =>
        topic.StartsWith(DiscoveryRoot, StringComparison.Ordinal) ? topic[DiscoveryRoot.Length..].Split('/')[0] : null;

    private bool IsOwn(string topic) => topic == topics.Prefix || topic.StartsWith(topics.Prefix + "/", StringComparison.Ordinal);

    private DeviceTopic? OfDevice(string topic) =>
        topics.Parse(topic) is { Kind: TopicKind.Urgent or TopicKind.Events or TopicKind.Status or TopicKind.Renewal } said ? said : null;
}
