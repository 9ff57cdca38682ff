using Facility.Domain.Access;
using static Facility.Domain.Access.Right;

namespace Facility.Tests.Unit.Access;

/// <summary>What roles are for, said another way than the table says it.</summary>
public sealed class AccessTableTests
{
    [Fact]
    public void Who_has_not_signed_in_sees_how_busy_public_zones_are_and_nothing_else() => Assert.Equal([SeePublicOccupancy], AccessTable.Of(Role.Anonymous));

    [Fact]
    public void An_administrator_has_every_right() => Assert.Equal(Enum.GetValues<Right>(), AccessTable.Of(Role.Administrator).Order());

    [Theory]
    [InlineData(Role.Buurtverbinder)]
    [InlineData(Role.Piket)]
    public void Who_is_in_the_building_or_on_call_acts_and_configures_nothing(Role role)
    {
        Assert.All([SeeIncidents, ActOnIncidents, CallEvacuation, Count, SeeDevices, SeeOnCall], right => Assert.True(AccessTable.Allows(role, right)));
        Assert.All([ConfigureSites, ManageDevices, ManageAccounts, ManageTokens, SeeAudit, SeeMetrics], right => Assert.False(AccessTable.Allows(role, right)));
    }

    [Fact]
    public void An_analyst_reads_trends_and_nothing_of_incidents_devices_or_people_on_call() =>
        Assert.Equal([SeePublicOccupancy, SeeTrends, ExportData], AccessTable.Of(Role.Analyst).Order());

    [Fact]
    public void Everyone_may_what_anyone_may() =>
        Assert.All(Enum.GetValues<Role>(), role => Assert.Superset(AccessTable.Of(Role.Anonymous).ToHashSet(), AccessTable.Of(role).ToHashSet()));

    [Theory]
    [InlineData(SeeIncidents, true)]
    [InlineData(ManageDevices, true)]
    [InlineData(ConfigureSites, false)]
    [InlineData(ManageAccounts, false)]
    [InlineData(ManageTokens, false)]
    [InlineData(SeeAudit, false)]
    [InlineData(SeeMetrics, false)]
    public void An_administrator_of_one_site_has_no_right_over_the_whole_server(Right right, bool has)
    {
        var grant = new Grant(Role.Administrator, new SiteScope(["ratelaar"]));
        Assert.Equal(has, grant.May(right));
        Assert.Equal(has, grant.May(right, "ratelaar"));
        Assert.False(grant.May(right, "batau"));
        Assert.True(new Grant(Role.Administrator, SiteScope.All).May(right, "batau"));
    }

    [Fact]
    public void A_token_may_have_less_than_its_role_and_never_more()
    {
        var scraper = new Grant(Role.Administrator, SiteScope.All, new HashSet<Right> { SeeMetrics });
        Assert.Equal([SeeMetrics], scraper.Rights);
        Assert.Empty(new Grant(Role.Analyst, SiteScope.All, new HashSet<Right> { SeeMetrics }).Rights);
    }

    [Fact]
    public void What_belongs_to_no_site_is_of_everyone_and_no_sites_is_nowhere()
    {
        Assert.True(new SiteScope(["ratelaar"]).Holds(""));
        Assert.False(new SiteScope([]).Holds("ratelaar"));
        Assert.Equal(["*"], new SiteScope(["ratelaar", "*"]).Names);
    }

    [Fact]
    public void Names_are_read_as_they_are_written() => Assert.All(Enum.GetValues<Right>(), right => Assert.Equal(right, AccessTable.RightOf(AccessTable.NameOf(right))));
}
