using Facility.Contracts;

namespace Facility.Tests.Integration.Stories;

/// <summary>Batches of passages through a main door. A number always has the same content, as an outbox gives it.</summary>
internal static class Doors
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UtcNow.AddMinutes(-1);

    /// <summary>One event for each number, each of so many persons in.</summary>
    public static string In(Guid stream, long first, long last, long oldest = 1, int persons = 1) => Batch(
        stream, oldest, [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => Event(first + i, "main-door", "passage", $"{persons}"))]);

    public static string Batch(Guid stream, long oldest, params IEnumerable<string> events) =>
        $$"""{"v":1,"stream":"{{stream}}","oldest":{{oldest}},"sentAt":"{{Rfc3339.Format(DateTimeOffset.UtcNow)}}","clockSynced":true,"events":[{{string.Join(',', events)}}]}""";

    public static string Event(long seq, string sensor, string kind, string value) =>
        $$"""{"seq":{{seq}},"at":"{{Rfc3339.Format(Start.AddMilliseconds(seq))}}","sensor":"{{sensor}}","kind":"{{kind}}","value":{{value}}}""";
}
