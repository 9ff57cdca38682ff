using System.Text.Json;

namespace Facility.Dashboard.Live;

/// <summary>Why the server did not do what was asked.</summary>
internal static class Refusals
{
    /// <summary>The detail of a problem (RFC 9457), or the status's own words.</summary>
    public static async Task<string> ReasonAsync(HttpResponseMessage answer)
    {
        try
        {
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString() ?? answer.StatusCode.ToString();
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"{(int)answer.StatusCode} {answer.StatusCode}";
        }
    }
}
