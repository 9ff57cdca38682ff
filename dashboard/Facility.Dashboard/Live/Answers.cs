using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Facility.Dashboard.Live;

/// <summary>
/// The API's answers by address. Those that came with the page, or were kept on this device, are there before the first request:
/// so a page has its figures at once, and without a network too.
/// </summary>
public sealed class Answers(HttpClient http, TimeProvider time)
{
    /// <summary>A younger answer is not asked for again.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private const int Most = 100;
    private readonly Dictionary<string, (DateTimeOffset At, byte[] Json)> kept = [];

    /// <summary>When what came with the page was true; null where nothing came.</summary>
    public DateTimeOffset? KnownAt { get; private set; }

    /// <summary>The build of the server that it came from.</summary>
    public string Build { get; set; } = "";

    /// <summary>What the person may do for whom the answers were given.</summary>
    public IReadOnlyList<string> Rights { get; set; } = [];

    /// <summary>An answer of whatever age; null where there is none.</summary>
    public T? Known<T>(string address, JsonTypeInfo<T> type)
        where T : class => kept.TryGetValue(address, out var answer) ? JsonSerializer.Deserialize(answer.Json, type) : null;

    /// <summary>A fresh answer, or the last one where the server gives none; null where there never was one.</summary>
    public async ValueTask<T?> GetAsync<T>(string address, JsonTypeInfo<T> type)
        where T : class
    {
        if (kept.TryGetValue(address, out var answer) && time.GetUtcNow() - answer.At < Fresh)
        {
            return Known(address, type);
        }

        try
        {
            Keep(address, await http.GetByteArrayAsync(address));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            // The page says that its connection is lost; what it shows is the last that was known.
        }

        return Known(address, type);
    }

    /// <summary>What became known otherwise, such as by the hub.</summary>
    public void Put<T>(string address, T value, JsonTypeInfo<T> type) => Keep(address, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>All of it, as <see cref="Take"/> reads it; safe inside an element of a page.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("at", time.GetUtcNow());
            json.WriteString("build", Build);
            json.WriteString("rights", string.Join(' ', Rights));
            json.WriteStartObject("answers");
            foreach (var (address, answer) in kept)
            {
                json.WritePropertyName(address);
                json.WriteRawValue(answer.Json, skipInputValidation: true);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        // A "<" is in texts only.
        return Encoding.UTF8.GetString(stream.ToArray()).Replace("<", "\\u003c", StringComparison.Ordinal);
    }

    /// <summary>Takes what <see cref="ToJson"/> made; what cannot be read is left.</summary>
    public void Take(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return;
        }

        try
        {
            var root = JsonElement.Parse(json);
            var at = root.GetProperty("at").GetDateTimeOffset();
            foreach (var answer in root.GetProperty("answers").EnumerateObject())
            {
                kept[answer.Name] = (at, Encoding.UTF8.GetBytes(answer.Value.GetRawText()));
            }

            Rights = (root.GetProperty("rights").GetString() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            (KnownAt, Build) = (at, root.GetProperty("build").GetString() ?? "");
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
        }
    }

    private void Keep(string address, byte[] json)
    {
        if (kept.Count >= Most && !kept.ContainsKey(address))
        {
            kept.Remove(kept.MinBy(answer => answer.Value.At).Key);
        }

        kept[address] = (time.GetUtcNow(), json);
    }
}
