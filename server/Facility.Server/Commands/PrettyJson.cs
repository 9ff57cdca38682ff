using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Contracts;

namespace Facility.Server.Commands;

/// <summary>JSON of the contracts as a person reads and edits it in a file.</summary>
internal static class PrettyJson
{
    public static readonly ApiJson Default = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}
