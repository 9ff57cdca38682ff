namespace Facility.Dashboard.Live;

/// <summary>Where the API has what the pages show.</summary>
public static class Addresses
{
    public const string Sites = "v1/sites";
    public const string OpenIncidents = "v1/incidents?state=open";
    public const string TakenIncidents = "v1/incidents?state=acknowledged";
    public const string Devices = "v1/devices";

    public static string Occupancy(string site) => $"v1/sites/{site}/occupancy";

    public static string TypicalDay(string site, string zone = "site") => $"v1/sites/{site}/typical-day?zone={zone}";

    /// <summary>By quarter hours; instants are whole quarters, so that two that ask within one get the same answer.</summary>
    public static string History(string site, DateTimeOffset from, DateTimeOffset to) =>
        $"v1/sites/{site}/occupancy-history?from={from.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&to={to.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&interval=PT15M";

    /// <summary>A day's, of each door a sum for each six hours.</summary>
    public static string Passages(string site, DateTimeOffset from, DateTimeOffset to) =>
        $"v1/sites/{site}/passages?from={from.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&to={to.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&interval=PT6H";

    public static string Incident(string id) => $"v1/incidents/{Uri.EscapeDataString(id)}";
}
