using System.Globalization;
using System.Text;
using Facility.Contracts;

namespace Facility.Storage;

/// <summary>Batches as a device writes them, of passages through its main door, in and out by turns.</summary>
internal static class Batches
{
    public static string Of(Guid stream, long first, int count, DateTimeOffset at, int value)
    {
        var time = Rfc3339.Format(at);
        var text = new StringBuilder($$"""{"v":1,"stream":"{{stream}}","oldest":1,"sentAt":"{{time}}","clockSynced":true,"events":[""");
        for (var i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""{"seq":{{first + i}},"at":"{{time}}","sensor":"main-door","kind":"passage","value":{{value}}}""");
            value = -value;
        }

        return text.Append("]}").ToString();
    }
}
