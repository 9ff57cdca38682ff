namespace Facility.Contracts.Mqtt;

/// <summary>What a device's topic is for (contract, section 2).</summary>
public enum TopicKind
{
    Urgent,
    Events,
    Status,
    Ack,
    Command,
    Renewal,
}

/// <summary>A topic of one device. <see cref="Stream"/> is set for <see cref="TopicKind.Ack"/> alone.</summary>
public readonly record struct DeviceTopic(string Site, string Device, TopicKind Kind, Guid? Stream = null);

/// <summary>Topic names under a prefix: <c>{prefix}/{site}/{device}/urgent|events|status|renewal|command|ack/{stream}</c>.</summary>
public sealed class Topics(string prefix = Topics.DefaultPrefix)
{
    public const string DefaultPrefix = "facility/v1";

    public string Prefix { get; } = prefix;

    public string Urgent(string site, string device) => $"{Prefix}/{site}/{device}/urgent";

    public string Events(string site, string device) => $"{Prefix}/{site}/{device}/events";

    public string Status(string site, string device) => $"{Prefix}/{site}/{device}/status";

    public string Command(string site, string device) => $"{Prefix}/{site}/{device}/command";

    /// <summary>Where a device asks for a newer certificate.</summary>
    public string Renewal(string site, string device) => $"{Prefix}/{site}/{device}/renewal";

    public string Ack(string site, string device, Guid stream) => Ack(site, device, stream.ToString());

    /// <param name="stream">A stream, or + for all.</param>
    public string Ack(string site, string device, string stream) => $"{Prefix}/{site}/{device}/ack/{stream}";

    /// <summary>The Home Assistant discovery topic, the device's own.</summary>
    public static string Discovery(string device) => $"homeassistant/device/{device}/config";

    /// <summary>Reads a topic; null when it is not one of ours. Site and device are as sent: they need not be known or valid ids.</summary>
    public DeviceTopic? Parse(string topic)
    {
        if (!topic.StartsWith(Prefix, StringComparison.Ordinal) || topic.Length <= Prefix.Length || topic[Prefix.Length] != '/')
        {
            return null;
        }

        var parts = topic[(Prefix.Length + 1)..].Split('/');
        if (parts.Length is < 3 or > 4 || !Fits(parts[0]) || !Fits(parts[1]))
        {
            return null;
        }

        return (parts.Length, parts[2]) switch
        {
            (3, "urgent") => new DeviceTopic(parts[0], parts[1], TopicKind.Urgent),
            (3, "events") => new DeviceTopic(parts[0], parts[1], TopicKind.Events),
            (3, "status") => new DeviceTopic(parts[0], parts[1], TopicKind.Status),
            (3, "command") => new DeviceTopic(parts[0], parts[1], TopicKind.Command),
            (3, "renewal") => new DeviceTopic(parts[0], parts[1], TopicKind.Renewal),
            (4, "ack") when Guid.TryParseExact(parts[3], "D", out var stream) => new DeviceTopic(parts[0], parts[1], TopicKind.Ack, stream),
            _ => null,
        };
    }

    private static bool Fits(string id) => id.Length is > 0 and <= Limits.IdLength;
}
