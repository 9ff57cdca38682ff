using System.Net;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Trends;
using Facility.Server.Adapters;
using Facility.Tests.Unit.Places;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Calendars;

/// <summary>Calendars of rooms, from text and over HTTP.</summary>
public sealed class CalendarTests : IDisposable
{
    private const string Address = "https://agenda.example/secret.ics";
    private static readonly TimeZoneInfo Dutch = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");
    private static readonly DateTimeOffset October = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _data = Directory.CreateTempSubdirectory("facility-").FullName;
    private readonly FakeTimeProvider _clock = new(October);
    private readonly Answering _server = new();
    private readonly Zone _zone = new("hall", "Hall", Calendar: Address);

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public void A_weekly_booking_keeps_its_local_hour_over_summer_time_without_its_exception_and_with_the_moved_one()
    {
        var bookings = CalendarText.Bookings(
            Text("UID:a\nDTSTART;TZID=Europe/Amsterdam:20261005T100000\nDTEND;TZID=Europe/Amsterdam:20261005T113000\nRRULE:FREQ=WEEKLY;COUNT=5\n"
                + "EXDATE;TZID=Europe/Amsterdam:20261012T100000\nSUMMARY:Koor",
                "UID:a\nRECURRENCE-ID;TZID=Europe/Amsterdam:20261019T100000\nDTSTART;TZID=Europe/Amsterdam:20261019T140000\nDTEND;TZID=Europe/Amsterdam:20261019T150000\nSUMMARY:Koor, later"),
            Dutch, October, October.AddDays(40));
        Assert.Equal(
            ["2026-10-05T08:00Z Koor 90", "2026-10-19T12:00Z Koor, later 60", "2026-10-26T09:00Z Koor 90", "2026-11-02T09:00Z Koor 90"],
            bookings.Select(b => $"{b.From:yyyy-MM-ddTHH:mm}Z {b.Title} {(b.To - b.From).TotalMinutes}"));
    }

    [Theory]
    [InlineData("DTSTART:20261005T080000Z\nDTEND:20261005T090000Z", "08:00-09:00 x")]
    [InlineData("DTSTART:20261005T080000\nDURATION:PT2H", "06:00-08:00 x")]
    [InlineData("DTSTART;VALUE=DATE:20261005", "22:00-22:00 x")]
    [InlineData("CLASS:PRIVATE\nDTSTART:20261005T080000Z\nDTEND:20261005T090000Z", "08:00-09:00 ")]
    [InlineData("STATUS:CANCELLED\nDTSTART:20261005T080000Z\nDTEND:20261005T090000Z", null)]
    [InlineData("TRANSP:TRANSPARENT\nDTSTART:20261005T080000Z\nDTEND:20261005T090000Z", null)]
    public void Times_without_a_zone_are_the_sites_own_and_what_is_no_booking_is_left_out(string lines, string? expected) => Assert.Equal(
        expected is null ? [] : [expected],
        CalendarText.Bookings(Text("UID:b\nSUMMARY:x\n" + lines), Dutch, October, October.AddDays(30)).Select(b => $"{b.From:HH:mm}-{b.To:HH:mm} {b.Title}"));

    [Theory]
    [InlineData("<html>log in</html>", "BEGIN:VCALENDAR")]
    [InlineData("", "BEGIN:VCALENDAR")]
    public void What_is_no_calendar_is_refused_by_what_it_must_be(string text, string said) =>
        Assert.Contains(said, Assert.Throws<CalendarException>(() => CalendarText.Check(text, Dutch, October)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_booking_every_second_is_refused() => Assert.Contains("hourly", Assert.Throws<CalendarException>(() =>
        CalendarText.Check(Text("UID:c\nDTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"), Dutch, October)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_feed_that_breaks_leaves_the_last_good_one_in_use_also_after_a_restart()
    {
        _server.Body = Text("UID:d\nDTSTART:20261005T080000Z\nDTEND:20261005T090000Z\nSUMMARY:x");
        var calendars = new IcalCalendars(_data, new HttpClient(_server), _clock);
        var (good, bookings) = await AskAsync(calendars);
        Assert.Equal((October, null), (good.FetchedAt, good.Problem));
        Assert.Single(bookings);

        await AskAsync(calendars);
        Assert.Equal(1, _server.Asked);

        (_server.Status, _server.Body) = (HttpStatusCode.ServiceUnavailable, "");
        _clock.Advance(TimeSpan.FromMinutes(16));
        foreach (var now in new[] { calendars, new IcalCalendars(_data, new HttpClient(_server), _clock) })
        {
            var (state, still) = await AskAsync(now);
            Assert.Equal(October, state.FetchedAt);
            Assert.Contains("503", state.Problem, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", state.Problem, StringComparison.Ordinal);
            Assert.Single(still);
        }

        Assert.Equal(3, _server.Asked);
    }

    [Fact]
    public async Task A_feed_without_end_is_cut_off_and_said()
    {
        _server.Body = "BEGIN:VCALENDAR\n" + new string('x', IcalCalendars.MostBytes);
        var (state, _) = await AskAsync(new IcalCalendars(_data, new HttpClient(_server), _clock));
        Assert.Null(state.FetchedAt);
        Assert.Contains("larger than 4 MB", state.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.ics", "outside")]
    [InlineData("/etc/passwd", "outside")]
    [InlineData("none.ics", "no such file")]
    public async Task A_file_lies_in_the_data_folder(string path, string said)
    {
        var (state, _) = await new IcalCalendars(_data, new HttpClient(_server), _clock).BookingsAsync(
            Seeds.Ratelaar, _zone with { Calendar = path }, October, October.AddDays(30), TestContext.Current.CancellationToken);
        Assert.Contains(said, state.Problem, StringComparison.Ordinal);
    }

    private Task<(CalendarState State, IReadOnlyList<Booking> Bookings)> AskAsync(IcalCalendars calendars) =>
        calendars.BookingsAsync(Seeds.Ratelaar, _zone, October, October.AddDays(30), TestContext.Current.CancellationToken);

    private static string Text(params string[] events) => "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n"
        + string.Concat(events.Select(e => $"BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\n{e.Replace("\n", "\r\n", StringComparison.Ordinal)}\r\nEND:VEVENT\r\n"))
        + "END:VCALENDAR\r\n";

    private sealed class Answering : HttpMessageHandler
    {
        public string Body { get; set; } = "";

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(new HttpResponseMessage(Status) { Content = new StringContent(Body) });
        }
    }
}
