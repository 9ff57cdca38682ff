using System.Collections.Concurrent;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Places;
using Facility.Domain.Trends;
using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>
/// iCalendar feeds and files of rooms, read when asked for and at most every quarter of an hour. The last good text is kept beside the
/// journal: where a feed is away or broken, also after a restart, it is used and the answer says since when and why.
/// </summary>
/// <param name="data">The server's data folder; files of calendars lie in it, and copies of feeds in its folder <c>calendars</c>.</param>
internal sealed class IcalCalendars(string data, HttpClient http, TimeProvider time) : ICalendars
{
    public const int MostBytes = 4 * 1024 * 1024;
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<(string Site, string Zone), Feed> feeds = [];

    public async Task<(CalendarState State, IReadOnlyList<Booking> Bookings)> BookingsAsync(
        Site site, Zone zone, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        if (zone.Calendar is not { } address)
        {
            return (new CalendarState(zone.Id, null, "no calendar is set for this room"), []);
        }

        // A sites file that names another address starts anew.
        var feed = feeds.AddOrUpdate((site.Id, zone.Id), _ => new Feed(address), (_, known) => known.Address == address ? known : new Feed(address));
        await feed.Turn.WaitAsync(cancellation);
        try
        {
            var siteZone = OpeningHours.ZoneOf(site);
            await RefreshAsync(feed, Copy(site.Id, zone.Id, address), siteZone, cancellation);
            try
            {
                return (new CalendarState(zone.Id, feed.FetchedAt, feed.Problem), feed.Text is { } text ? CalendarText.Bookings(text, siteZone, from, to) : []);
            }
            catch (CalendarException e)
            {
                return (new CalendarState(zone.Id, feed.FetchedAt, e.Message), []);
            }
        }
        finally
        {
            feed.Turn.Release();
        }
    }

    private async Task RefreshAsync(Feed feed, string copy, TimeZoneInfo siteZone, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (feed.TriedAt is { } tried && now - tried < Fresh)
        {
            return;
        }

        try
        {
            if (feed.Text is null && File.Exists(copy))
            {
                (feed.Text, feed.FetchedAt) = (await File.ReadAllTextAsync(copy, cancellation), File.GetLastWriteTimeUtc(copy));
            }

            var text = await ReadAsync(feed.Address, cancellation);
            CalendarText.Check(text, siteZone, now);
            (feed.Text, feed.FetchedAt, feed.Problem) = (text, now, null);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            await File.WriteAllTextAsync(copy + ".new", text, cancellation);
            File.SetLastWriteTimeUtc(copy + ".new", now.UtcDateTime);
            File.Move(copy + ".new", copy, overwrite: true);
        }
        catch (Exception e) when (e is CalendarException or IOException or UnauthorizedAccessException or HttpRequestException)
        {
            feed.Problem = "the calendar cannot be read: " + e.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            feed.Problem = $"the calendar cannot be read: no answer within {Deadline.TotalSeconds} s";
        }

        feed.TriedAt = now;
    }

    // Messages never hold the address or the path: the address is often a secret.
    private async Task<string> ReadAsync(string address, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        if (address.Contains("://", StringComparison.Ordinal))
        {
            using var answer = await http.GetAsync(new Uri(address), HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            if (!answer.IsSuccessStatusCode)
            {
                throw new CalendarException($"its server answered {(int)answer.StatusCode}");
            }

            await using var body = await answer.Content.ReadAsStreamAsync(deadline.Token);
            return await BoundedAsync(body, deadline.Token);
        }

        var (folder, path) = (Path.GetFullPath(data) + Path.DirectorySeparatorChar, Path.GetFullPath(Path.Combine(data, address)));
        if (!path.StartsWith(folder, StringComparison.Ordinal))
        {
            throw new CalendarException("its file lies outside the server's data folder");
        }

        if (!File.Exists(path))
        {
            throw new CalendarException("there is no such file in the server's data folder");
        }

        await using var file = File.OpenRead(path);
        return await BoundedAsync(file, deadline.Token);
    }

    private static async Task<string> BoundedAsync(Stream body, CancellationToken cancellation)
    {
        var bytes = new byte[MostBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return length > MostBytes ? throw new CalendarException($"it is larger than {MostBytes / 1024 / 1024} MB") : System.Text.Encoding.UTF8.GetString(bytes, 0, length);
    }

    // Named by its address too: a copy of another feed is not this room's.
    private string Copy(string site, string zone, string address)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(address));
        return Path.Combine(data, "calendars", $"{site}.{zone}.{Convert.ToHexStringLower(hash.AsSpan(0, 6))}.ics");
    }

    private sealed class Feed(string address)
    {
        public string Address { get; } = address;

        public SemaphoreSlim Turn { get; } = new(1);

        public string? Text { get; set; }

        public DateTimeOffset? FetchedAt { get; set; }

        public DateTimeOffset? TriedAt { get; set; }

        public string? Problem { get; set; }
    }
}
