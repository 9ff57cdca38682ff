using Facility.Contracts.Places;
using Facility.Dashboard.Plans;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Dashboard;

public sealed class FloorPlanTests
{
    private static readonly Site Drawn = Seeds.Sites.Sites[0];

    [Fact]
    public void Rooms_are_where_the_sites_file_says_and_each_door_is_in_the_wall_of_its_two()
    {
        var plan = FloorPlan.Of(Drawn);
        Assert.Equal((30, 14), (plan.Width, plan.Height));
        Assert.Equal(Drawn.Portals.Count, plan.Doors.Count);
        Assert.Equal(new Spot(13, 14), plan.Doors.Single(d => d.Portal.Id == "main").At);
        Assert.Equal(new Spot(9, 4.5), plan.Doors.Single(d => d.Portal.Id == "meeting").At);
        Assert.Equal(new Spot(23.75, 7.5), plan.Doors.Single(d => d.Portal.Id == "consult-2").At);
    }

    [Fact]
    public void Without_corners_every_zone_has_a_room_of_its_own_beside_the_one_with_most_doors()
    {
        var plan = FloorPlan.Of(Drawn with { Zones = [.. Drawn.Zones.Select(z => z with { Plan = null })] });
        Assert.Equal(Drawn.Zones.Select(z => z.Id).Order(), plan.Rooms.Select(r => r.Zone.Id).Order());
        Assert.Equal(Drawn.Portals.Count, plan.Doors.Count);
        var area = plan.Rooms.Sum(r => (r.Corners[2].X - r.Corners[0].X) * (r.Corners[2].Y - r.Corners[0].Y));
        Assert.Equal(plan.Width * plan.Height, area, 3);
    }

    [Theory]
    [InlineData("0,0 5,0")]
    [InlineData("one two three")]
    public void Corners_that_are_none_are_as_if_they_were_not_there(string corners) =>
        Assert.Equal(24, FloorPlan.Of(Drawn with { Zones = [.. Drawn.Zones.Select(z => z with { Plan = corners })] }).Width, 3);
}
