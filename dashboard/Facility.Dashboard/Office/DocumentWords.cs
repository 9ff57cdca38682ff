using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Facility.Contracts.Rest;

namespace Facility.Dashboard.Office;

/// <summary>What the server says of a document, in the words of the page.</summary>
public static partial class DocumentWords
{
    /// <summary>In Dutch these parts of a sentence stand for the server's own; the longest first.</summary>
    private static readonly (string English, string Dutch)[] Parts =
    [
        ("a value of type integer", "een heel getal"), ("a value of type number", "een getal"), ("a value of type string", "tekst"),
        ("a value of type array", "een lijst"), ("a value of type object", "een groep"), ("a value of type boolean", "ja of nee"),
        ("is required", "is nodig"), ("of the pattern ^[a-z0-9]+(-[a-z0-9]+)*$", "alleen kleine letters, cijfers en losse streepjes"),
        ("of the pattern", "in de vorm"), ("characters", "tekens"), ("at least", "minstens"), ("at most", "hoogstens"), ("one of", "een van"),
        ("HH:MM-HH:MM with two different times; 00:00-24:00 is the whole day", "UU:MM-UU:MM met twee verschillende tijden; 00:00-24:00 is de hele dag"),
        ("a zone of the site", "een ruimte van dit plein"), ("outside, or", "buiten, of"), ("a sensor of kind", "een sensor van de soort"), ("of the site", "van dit plein"),
        ("there is none", "die is er niet"), ("is unique within its site; this one stands twice", "mag maar een keer voorkomen; dit staat er twee keer"),
        ("is unique", "mag maar een keer voorkomen"), ("this one stands twice", "dit staat er twee keer"), ("the id of a", "de code van een"), ("zone", "ruimte"), ("portal", "deur"),
        ("a sensor counts at one portal", "een sensor telt bij een deur"), ("another zone than the one it is from", "een andere ruimte dan waar de deur begint"),
        ("a device is of one site; this one is also at", "een kastje hoort bij een plein; dit staat ook bij"), ("percent of the capacity", "procent van het maximum"),
        ("minutes", "minuten"), ("seconds", "seconden"), ("days", "dagen"), (" to ", " tot "), ("give ", "geef "), ("is not one of", "is niet een van"), ("is empty", "is leeg"),
        ("kebab-case", "alleen kleine letters, cijfers en losse streepjes"), ("below maxCelsius", "lager dan de hoogste temperatuur"),
    ];

    /// <summary>What is allowed instead.</summary>
    public static string Allowed(ConfigurationProblem problem)
    {
        if (Words.Language == "en")
        {
            return problem.Allowed;
        }

        var text = problem.Allowed;
        foreach (var (english, dutch) in Parts)
        {
            text = text.Replace(english, dutch, StringComparison.Ordinal);
        }

        return text;
    }

    public static string Say(ConfigurationProblem problem) => problem.Value is null
        ? OfficeWords.O("ProblemMissing", Place(problem.Path, null), Allowed(problem))
        : OfficeWords.O("Problem", Place(problem.Path, null), problem.Value.Trim('"'), Allowed(problem));

    public static string Say(ConfigurationWarning warning, JsonObject document) => warning.Code == ConfigurationWarning.UnknownKey
        ? OfficeWords.O("Warning.unknown-key", warning.Path) : OfficeWords.Or($"Warning.{warning.Code}", warning.Text).Replace("{0}", Place(warning.Path, document), StringComparison.Ordinal);

    public static string Say(ConfigurationChange change, JsonObject document) => (change.Before, change.After) switch
    {
        (null, _) => OfficeWords.O("ChangeAdded", Place(change.Path, document), change.After),
        (_, null) => OfficeWords.O("ChangeGone", Place(change.Path, document), change.Before),
        _ => OfficeWords.O("Change", Place(change.Path, document), change.Before, change.After),
    };

    /// <summary>Where it is, in words: <c>sites.ratelaar.zones.hall.capacity</c> is Zuid › ruimte Hal › meeste mensen.</summary>
    public static string Place(string path, JsonObject? document)
    {
        JsonNode? node = document;
        var words = new List<string>();
        foreach (var part in Steps().Matches(path.TrimStart('$', '.')).Select(m => m.Value))
        {
            node = node switch
            {
                JsonObject map => map[part],
                JsonArray list => list.FirstOrDefault(i => i is JsonObject o && (string?)o["id"] == part),
                _ => null,
            };
            var name = node is JsonObject thing ? (string?)thing["name"] : null;
            words.Add(name ?? (int.TryParse(part, out var index) ? $"{index + 1}" : OfficeWords.Or("Key." + part, part)));
        }

        return string.Join(" › ", words);
    }

    [GeneratedRegex(@"[^.\[\]]+")]
    private static partial Regex Steps();
}
