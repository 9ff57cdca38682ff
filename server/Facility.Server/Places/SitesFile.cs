using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Places;

namespace Facility.Server.Places;

/// <summary>A sites file was refused; the message lists everything wrong with it, a line each.</summary>
public sealed class SitesFileException(string message) : Exception(message);

/// <summary>A sites file that may be used, and what a person should still look at in it.</summary>
public sealed record LoadedSites(SitesDocument Document, IReadOnlyList<string> Warnings);

/// <summary>Reads a sites file: JSON, then its schema, then what refers to what. A key that is not known is only a warning.</summary>
public static class SitesFile
{
    private static readonly CheckedJson Json = new("sites.schema.json", message => new SitesFileException(message));

    /// <exception cref="SitesFileException">With a message for a person.</exception>
    public static LoadedSites Load(string path) => Read(Json.Load(path), path);

    /// <summary>The same for a text; <paramref name="name"/> stands in messages.</summary>
    public static LoadedSites Read(string json, string name)
    {
        var warnings = Json.Check(json, name);
        var document = JsonSerializer.Deserialize(json, ApiJson.Default.SitesDocument)
            ?? throw new SitesFileException($"{name}: null is not a sites document");
        Json.Refuse(name, [.. SitesCheck.Check(document).Select(p => p.ToString())]);
        return new LoadedSites(document, warnings);
    }

    /// <summary>All that is wrong in a document, told and not thrown; it is there to be used where nothing is.</summary>
    public static (SitesDocument? Document, IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<ConfigurationWarning> Warnings) Examine(string json)
    {
        var (problems, warnings) = Json.Examine(json);
        if (problems.Count > 0)
        {
            return (null, problems, warnings);
        }

        try
        {
            var document = JsonSerializer.Deserialize(json, ApiJson.Default.SitesDocument)!;
            return (document, [.. SitesCheck.Check(document).Select(p => new ConfigurationProblem(p.Path, p.Value, p.Allowed))], warnings);
        }
        catch (JsonException e)
        {
            // What the schema lets through and a value cannot hold, such as 30 February.
            return (null, [new ConfigurationProblem(e.Path ?? "$", "a value", e.Message.Split(" Path:", 2)[0])], warnings);
        }
    }
}
