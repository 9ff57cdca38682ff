using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Facility.Contracts;
using Facility.Domain.OnCall;

namespace Facility.Server.Adapters.Channels;

/// <summary>
/// What the dashboard's service worker is sent: <c>{"id","title","text","link","urgent","language"}</c>. Too long for a push, the text is cut at
/// the end of a character and ends in …: what matters is behind the link.
/// </summary>
internal static class PushText
{
    // The text is bytes in an encrypted record, and no part of a page.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>At most <see cref="PushEncryption.MostBytes"/>; null when link and id alone are more.</summary>
    public static byte[]? Of(Message message)
    {
        var title = SafeText.Line(message.Title);
        var room = PushEncryption.MostBytes - Write(message, title, "").Length;
        return room < 0 ? null : Write(message, title, Cut(SafeText.Lines(message.Text, PushEncryption.MostBytes), room));
    }

    private static byte[] Write(Message message, string title, string text)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("id", message.Id);
            json.WriteString("title", title);
            json.WriteString("text", text);
            json.WriteString("link", message.Link?.AbsoluteUri);
            json.WriteBoolean("urgent", message.Urgent);
            json.WriteString("language", message.Language);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    // In bytes as they are written.
    private static string Cut(string text, int most)
    {
        const string Sign = "…";
        var (kept, keptWithSign, length) = (new StringBuilder(), 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            length += Encoding.UTF8.GetByteCount(Encoder.Encode(rune.ToString()));
            if (length > most)
            {
                return kept.ToString(0, keptWithSign) + (most >= Encoding.UTF8.GetByteCount(Sign) ? Sign : "");
            }

            kept.Append(rune.ToString());
            keptWithSign = length + Encoding.UTF8.GetByteCount(Sign) <= most ? kept.Length : keptWithSign;
        }

        return kept.ToString();
    }
}
