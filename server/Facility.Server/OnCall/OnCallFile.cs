using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.OnCall;
using Facility.Contracts.Rest;
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

    /// <summary>All that is wrong in a document, told and not thrown; it is there to be used where nothing is.</summary>
    public (OnCallDocument? Document, IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<ConfigurationWarning> Warnings) Examine(string json)
    {
        var (problems, warnings) = Json.Examine(json);
        if (problems.Count > 0)
        {
            return (null, problems, warnings);
        }

        try
        {
            var document = JsonSerializer.Deserialize(json, ApiJson.Default.OnCallDocument)!;
            return (document, [.. OnCallCheck.Check(document, Refusal).Select(Told)], warnings);
        }
        catch (JsonException e)
        {
            // What the schema lets through and a value cannot hold, such as 30 February.
            return (null, [new ConfigurationProblem(e.Path ?? "$", "a value", e.Message.Split(" Path:", 2)[0])], warnings);
        }
    }

    // "where: what is not allowed; what is", or "where: what is missing".
    private static ConfigurationProblem Told(string problem) => problem.Split(": ", 2) is [var path, var rest]
        ? rest.Split(" is not allowed; ", 2) is [var value, var allowed] ? new ConfigurationProblem(path, value, allowed) : new ConfigurationProblem(path, null, rest)
        : new ConfigurationProblem("$", null, problem);

    private string? Refusal(ChannelAddress channel) => _channels.TryGetValue(channel.Kind, out var known)
        ? known.Refusal(channel.Address)
        : $"{channel.Kind} is not a channel of this server; there are {string.Join(", ", _channels.Keys)}";
}
