using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Server.Pipeline;
using Facility.Server.Ports;

namespace Facility.Tests.Unit.Occupancy;

public sealed class SiteEstimatesTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly SitesDocument Sites = new([Site("a"), Site("b")]);
    private readonly SiteEstimates _estimates = new(Sites);
    private readonly List<OccupancyChange> _changes = [];

    [Fact]
    public void Only_sites_that_are_not_as_they_were_saved_are_saved_again()
    {
        Take(1, Nine, "a");
        Assert.Equal(["a", "b"], _estimates.Snapshots().Keys.Order());
        _estimates.Saved();
        Assert.Empty(_estimates.Snapshots());
        Take(2, Nine.AddSeconds(1), "b");
        Assert.Equal(["b"], _estimates.Snapshots().Keys);
        _estimates.Saved();
        _estimates.AdvanceTo(Nine.AddMinutes(1), _changes);
        Assert.Equal(["a", "b"], _estimates.Snapshots().Keys.Order());
    }

    [Fact]
    public void What_was_saved_bit_by_bit_goes_on_as_if_it_had_never_stopped()
    {
        var saved = new Dictionary<string, byte[]>();
        for (var i = 0; i < 200; i++)
        {
            Take(i + 1, Nine.AddSeconds(i * 7), i % 5 == 0 ? "a" : "b");
            if (i % 3 == 0)
            {
                foreach (var (site, state) in _estimates.Snapshots())
                {
                    saved[site] = state;
                }

                _estimates.Saved();
                var restored = new SiteEstimates(Sites, saved, _estimates.Clock);
                Assert.Equal(_estimates.Read("a"), restored.Read("a"));
                Assert.Equal(_estimates.Read("b"), restored.Read("b"));
            }
        }
    }

    [Fact]
    public void What_comes_at_one_moment_changes_an_estimate_once()
    {
        for (var i = 1; i <= 10; i++)
        {
            Take(i, Nine, "a");
        }

        Take(11, Nine.AddSeconds(1), "b");
        _estimates.Note(_changes);
        Assert.Equal([("a", Nine, 10), ("b", Nine.AddSeconds(1), 1)], _changes.Where(c => c.Zone == "hall").Select(c => (c.Site, c.At, c.Estimate)));
    }

    private void Take(long id, DateTimeOffset received, string site) => _estimates.Take(
        new JournalEntry(id, received, site, site + "-01", new EventsJournaled(
            Guid.Empty, [new JournaledEvent(id, received, true, site + "-door", EventKinds.Passage, 1, SetAside.None)])),
        _changes, []);

    private static Site Site(string id) => new(
        id, id, "Europe/Amsterdam", 100, [new Zone("hall", "Hall")], [new Portal("main", id + "-door", "outside", "hall")],
        [new Sensor(id + "-door", id + "-01", EventKinds.Passage)]);
}
