using Facility.Contracts.Places;
using Facility.Domain.Occupancy;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Occupancy;

public sealed class ReconcilerTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Start = Nine.AddHours(-6);

    [Fact]
    public void Late_data_gives_the_same_day_as_data_in_time()
    {
        var facts = Day(40, 36).Append(new DayFact(Nine.AddMinutes(50), "hall", 20, DayFactKind.Count)).ToArray();
        Assert.Equal(Of(facts), Of([.. facts.Where((_, i) => i % 3 != 0), .. facts.Where((_, i) => i % 3 == 0).Reverse()]));
    }

    [Fact]
    public void People_who_left_unseen_are_gone_when_hindsight_knows_it()
    {
        // 40 come, 34 are seen to leave: at noon 40 are in, and nobody is at the end of the day.
        var site = Of([.. Day(40, 34)]).Where(s => s.Zone == Site.WholeSite).Select(s => s.Step).ToArray();
        Assert.InRange(site.Last(s => s.At <= Nine.AddHours(1)).Estimate, 38, 44);
        Assert.InRange(site.Last(s => s.At <= Nine.AddHours(5)).Estimate, 0, 1);
        Assert.Equal(new EstimateStep(Start.AddDays(1), 0, 0, 0), site[^1]);
    }

    [Fact]
    public void The_zones_add_up_to_the_site_at_every_step_and_lie_in_their_intervals()
    {
        var facts = Day(30, 28).Concat(Enumerable.Range(0, 12).Select(i => new DayFact(Nine.AddMinutes(30 + i), "meeting", i % 4 == 3 ? -1 : 1)));
        var now = new Dictionary<string, EstimateStep>();
        foreach (var at in Of([.. facts]).GroupBy(s => s.Step.At))
        {
            foreach (var step in at)
            {
                now[step.Zone] = step.Step;
                Assert.InRange(step.Step.Estimate, step.Step.Low, step.Step.High);
            }

            Assert.Equal(now[Site.WholeSite].Estimate, now.Where(z => z.Key != Site.WholeSite).Sum(z => z.Value.Estimate));
        }
    }

    [Fact]
    public void A_presence_sensor_that_sees_nobody_empties_the_room_between()
    {
        var site = Seeds.Ratelaar with { OpeningHours = null };
        DayFact[] facts =
        [
            .. Enumerable.Range(0, 5).Select(i => new DayFact(Nine.AddMinutes(i), "main", 1)),
            .. Enumerable.Range(0, 5).Select(i => new DayFact(Nine.AddMinutes(i), "consult-1", 1)),
            new(Nine.AddMinutes(5), "consult-1", 1, DayFactKind.Presence),
            .. Enumerable.Range(0, 3).Select(i => new DayFact(Nine.AddMinutes(60 + i), "consult-1", -1)),
            new(Nine.AddMinutes(64), "consult-1", 0, DayFactKind.Presence),
        ];
        var room = Reconciler.Reconcile(site, facts, Start, Start.AddDays(1)).Where(s => s.Zone == "consult-1").Select(s => s.Step).ToArray();
        Assert.InRange(room.Last(s => s.At <= Nine.AddMinutes(30)).Estimate, 4, 6);
        Assert.Equal(0, room.Last(s => s.At <= Nine.AddMinutes(90)).Estimate);
    }

    private static IEnumerable<DayFact> Day(int entering, int leaving) =>
        Enumerable.Range(0, entering).Select(i => new DayFact(Nine.AddMinutes(i), "main", 1))
            .Concat(Enumerable.Range(0, leaving).Select(i => new DayFact(Nine.AddHours(3).AddMinutes(i), "main", -1)));

    private static IReadOnlyList<ReconciledStep> Of(DayFact[] facts) => Reconciler.Reconcile(Seeds.Ratelaar, facts, Start, Start.AddDays(1));
}
