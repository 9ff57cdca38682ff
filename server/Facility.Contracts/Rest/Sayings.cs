using System.Collections.Frozen;
using System.Globalization;

namespace Facility.Contracts.Rest;

/// <summary>A sentence by its code, so that each reads it in his own language.</summary>
public sealed record Saying(string Code, params IReadOnlyList<string> Values);

/// <summary>
/// What timelines say, in Dutch and English. A code may begin with <c>over.</c>, <c>still.</c> or <c>history.</c>: what the rest
/// says is over, began long ago (the last value: minutes) and still stands, or was over when it was heard of.
/// </summary>
public static class Sayings
{
    public const string Over = "over.";
    public const string Still = "still.";
    public const string History = "history.";

    /// <summary>By code: Dutch, then English.</summary>
    public static readonly FrozenDictionary<string, (string Nl, string En)> All = new Dictionary<string, (string, string)>
    {
        ["assistance"] = ("hulpknop ingedrukt", "assistance button pressed"),
        ["fire"] = ("brandmelding van het brandpaneel", "fire panel alarm"),
        ["evacuation"] = ("ontruiming begonnen", "evacuation called"),
        ["tamper"] = ("er is aan gezeten", "tampered with"),
        ["sensor-fault"] = ("sensor werkt niet", "sensor does not work"),
        ["device-silent"] = ("kastje wordt niet gehoord", "device not heard"),
        ["door-held-open"] = ("deur staat open", "door held open"),
        ["aed-opened"] = ("AED-kast geopend", "AED cabinet opened"),
        ["aed-taken"] = ("AED uit de kast gehaald", "AED taken from its cabinet"),
        ["aed-not-back"] = ("AED is nog niet terug", "AED is not back yet"),
        ["aed-temperature"] = ("{0} graden in de AED-kast", "{0} degrees in the AED cabinet"),
        ["pads-expire"] = ("pads verlopen op {0}", "pads expire on {0}"),
        ["battery-expires"] = ("batterij verloopt op {0}", "battery expires on {0}"),
        ["pads-expired"] = ("pads zijn verlopen op {0}", "pads expired on {0}"),
        ["battery-expired"] = ("batterij is verlopen op {0}", "battery expired on {0}"),
        ["people"] = ("tot {0} mensen, er mogen er {1} zijn", "up to {0} of {1} people"),
        ["passage-while-closed"] = ("doorgang bij {0} terwijl het gesloten is", "passage at {0} while closed"),
        ["presence-while-closed"] = ("iemand bij {0} terwijl het gesloten is", "presence at {0} while closed"),
        ["people-at-closing"] = ("nog mensen binnen na sluitingstijd", "people inside after closing"),
        ["server-broker"] = ("geen verbinding met de broker: kastjes worden niet gehoord", "no connection to the broker: devices are not heard"),
        ["server-disk"] = ("nog {0} % van de schijf vrij", "{0} % of the disk is free"),
        ["server-lag"] = ("{0} loopt {1} seconden achter", "{0} is {1} seconds behind"),
        ["acknowledged"] = ("opgepakt", "acknowledged"),
        ["resolved"] = ("afgesloten", "resolved"),
        ["note"] = ("opmerking", "note"),
        ["step-done"] = ("stap {0} gedaan", "step {0} done"),
        ["step-undone"] = ("stap {0} toch niet gedaan", "step {0} not done after all"),
        ["checked"] = ("gecontroleerd; pads tot {0}, batterij tot {1}", "checked; pads expire {0}, battery {1}"),
        ["lapsed"] = ("niet afgesloten op tijd: herinnering", "acknowledgement lapsed: reminder"),
        ["told-sent"] = ("{0} via {1}: verstuurd", "{0} by {1}: sent"),
        ["told-failed"] = ("{0} via {1}: mislukt", "{0} by {1}: failed"),
        ["told-refused"] = ("{0} via {1}: geweigerd", "{0} by {1}: refused"),
        ["over"] = ("voorbij: {0}", "over: {0}"),
        ["still"] = ("{0}; begon {1} geleden en is er nog", "{0}; began {1} ago and still stands"),
        ["history"] = ("{0}; oud nieuws, al voorbij toen het binnenkwam", "{0}; old news, over when it was heard of"),
    }.ToFrozenDictionary();

    /// <summary>The sentence in a language (<c>nl</c>, or else English); the code itself where this version does not know it.</summary>
    public static string Text(string code, IReadOnlyList<string>? values, string language, string? note = null)
    {
        var text = Of(code, values ?? [], language == "nl");
        return string.IsNullOrWhiteSpace(note) ? text : $"{text}: {note}";
    }

    /// <summary>A timeline's entry in a language; <see cref="TimelineEntry.What"/> where it has no code.</summary>
    public static string Text(TimelineEntry entry, string language) =>
        entry.Code.Length == 0 ? entry.What : Text(entry.Code, entry.Values, language, entry.Note);

    private static string Of(string code, IReadOnlyList<string> values, bool dutch)
    {
        if (code.StartsWith(Over, StringComparison.Ordinal))
        {
            return Filled("over", [Of(code[Over.Length..], values, dutch)], dutch);
        }

        if (code.StartsWith(Still, StringComparison.Ordinal) && values.Count > 0)
        {
            return Filled("still", [Of(code[Still.Length..], [.. values.SkipLast(1)], dutch), Age(values[^1], dutch)], dutch);
        }

        return code.StartsWith(History, StringComparison.Ordinal)
            ? Filled("history", [Of(code[History.Length..], values, dutch)], dutch)
            : Filled(code, values, dutch);
    }

    private static string Filled(string code, IReadOnlyList<string> values, bool dutch)
    {
        if (!All.TryGetValue(code, out var text))
        {
            return code;
        }

        var filled = dutch ? text.Nl : text.En;
        for (var i = 0; i < values.Count; i++)
        {
            filled = filled.Replace($"{{{i}}}", values[i], StringComparison.Ordinal);
        }

        return filled;
    }

    private static string Age(string minutes, bool dutch) => !int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var m) ? minutes
        : m >= 48 * 60 ? $"{m / 1440} {(dutch ? "dagen" : "days")}"
        : m >= 120 ? $"{m / 60} {(dutch ? "uur" : "hours")}"
        : $"{m} {(dutch ? "minuten" : "minutes")}";
}
