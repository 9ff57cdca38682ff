using CsCheck;
using Facility.Contracts.OnCall;
using Facility.Domain.OnCall;
using Facility.Server.Adapters;

namespace Facility.Tests.Unit.OnCall;

public sealed class RosterTests
{
    private static readonly TimeZoneInfo Amsterdam = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Hand-overs at any time of the day, also in the hour that summer time skips and the one that comes twice.
    private static readonly Gen<Rotation> Rotations =
        from day in Gen.Int[0, 400]
        from days in Gen.Int[1, 30]
        from hour in Gen.OneOf(Gen.Int[0, 23], Gen.Const(2))
        from minute in Gen.Int[0, 59]
        from count in Gen.Int[1, 4]
        from length in Gen.Int[30, 3000]
        from ends in Gen.Bool
        let first = new DateOnly(2025, 12, 1).AddDays(day)
        select new Rotation(first, [.. "abcd"[..count].Select(c => $"{c}")], days, $"{hour:00}:{minute:00}", ends ? first.AddDays(length) : null);

    private static readonly Gen<Shift> Shifts =
        from minutes in Gen.Int[0, 10 * 365 * 1440]
        from length in Gen.Int[1, 20_000]
        from who in Gen.Char["abcd"]
        let start = new DateTime(2026, 1, 1).AddMinutes(minutes)
        select new Shift($"{who}", start, start.AddMinutes(length));

    private static readonly Gen<Roster> Rosters =
        from rotations in Rotations.Array[1, 3]
        from overrides in Shifts.Array[0, 5]
        from absences in Shifts.Array[0, 5]
        select new Roster("piket", "Piket", rotations, overrides, absences);

    [Fact]
    public void Over_ten_years_of_summer_time_every_instant_has_one_answer_or_is_a_gap() => Rosters.Sample(
        roster =>
        {
            var clock = new RosterClock(roster, Amsterdam);
            var duties = clock.Between(Begin, Begin.AddYears(10));
            Assert.Equal((Begin, Begin.AddYears(10)), (duties[0].From, duties[^1].Until));
            for (var i = 0; i < duties.Count; i++)
            {
                Assert.True(duties[i].From < duties[i].Until);
                Assert.True(i == 0 || (duties[i].From == duties[i - 1].Until && duties[i].Person != duties[i - 1].Person));
                Assert.Equal(duties[i].Person, clock.At(duties[i].From).Person);
                Assert.Equal(duties[i].Person, clock.At(duties[i].Until.AddTicks(-1)).Person);
            }
        },
        iter: 200);

    [Theory]
    [InlineData("2026-01-05T07:59:59Z", null)]
    [InlineData("2026-01-05T08:00:00Z", "anna")]
    [InlineData("2026-01-12T07:59:59Z", "anna")]
    [InlineData("2026-01-12T08:00:00Z", "bram")]
    [InlineData("2026-01-19T08:00:00Z", "anna")]
    [InlineData("2026-06-01T06:59:59Z", "anna")]
    [InlineData("2026-06-01T07:00:00Z", "bram")]
    public void A_turn_begins_at_nine_in_Amsterdam_in_winter_and_in_summer(string at, string? person) =>
        Assert.Equal(person, Clock().At(DateTimeOffset.Parse(at, null)).Person);

    [Fact]
    public void A_hand_over_in_the_hour_that_is_skipped_is_at_the_jump_and_in_the_hour_that_comes_twice_at_the_first()
    {
        var clock = new RosterClock(new Roster("r", "r", [new Rotation(new DateOnly(2026, 3, 28), ["a", "b"], 1, "02:30")]), Amsterdam);
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), clock.At(new DateTimeOffset(2026, 3, 29, 5, 0, 0, TimeSpan.Zero)).From);
        Assert.Equal(new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero), clock.At(new DateTimeOffset(2026, 10, 25, 5, 0, 0, TimeSpan.Zero)).From);
    }

    [Fact]
    public void A_holiday_leaves_a_gap_until_someone_takes_it_over()
    {
        var away = new Shift("anna", new DateTime(2026, 1, 6), new DateTime(2026, 1, 8));
        var taken = new Shift("bram", new DateTime(2026, 1, 7), new DateTime(2026, 1, 8));
        var duties = Clock([taken], [away]).Between(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 9, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(["anna", null, "bram", "anna"], duties.Select(d => d.Person));
    }

    [Fact]
    public void A_roster_goes_to_a_calendar_and_back()
    {
        OnCallPerson[] people = [new("anna", "Anna, de Vries", []), new("bram", "Bram", [])];
        var duties = Clock().Between(new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 4, 6, 7, 0, 0, TimeSpan.Zero));
        var calendar = new IcalRoster();
        var text = calendar.Write("piket", duties, id => people.Single(p => p.Id == id).Name);
        var (shifts, problems) = calendar.Read(text, people, Amsterdam);
        Assert.Empty(problems);
        var clock = new RosterClock(new Roster("r", "r", [], [.. shifts]), Amsterdam);
        Assert.Equal(duties, clock.Between(duties[0].From, duties[^1].Until));
    }

    [Theory]
    [InlineData("nonsense", null)]
    [InlineData("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260105T080000Z\r\nDTEND:20260106T080000Z\r\nSUMMARY:Zoe\r\nEND:VEVENT\r\nEND:VCALENDAR", "\"Zoe\" is not one of Anna")]
    [InlineData("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260105T080000Z\r\nDTEND:20260106T080000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Anna\r\nEND:VEVENT\r\nEND:VCALENDAR", "recurs")]
    public void A_calendar_that_cannot_be_taken_says_why(string text, string? problem)
    {
        OnCallPerson[] people = [new("anna", "Anna", [])];
        if (problem is null)
        {
            Assert.Throws<FormatException>(() => new IcalRoster().Read(text, people, Amsterdam));
            return;
        }

        Assert.Contains(problem, Assert.Single(new IcalRoster().Read(text, people, Amsterdam).Problems), StringComparison.Ordinal);
    }

    private static RosterClock Clock(Shift[]? overrides = null, Shift[]? absences = null) => new(
        new Roster("piket", "Piket", [new Rotation(new DateOnly(2026, 1, 5), ["anna", "bram"])], overrides, absences), Amsterdam);
}
