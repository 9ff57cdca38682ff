using System.Text.Json;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;

namespace Facility.Tests.Unit.Ingestion;

public sealed class FactRoundTrips
{
    public static TheoryData<JournalFact, string> Facts => new()
    {
        { new PersonActed(new Guid(1, 2, 3, new byte[8]), "s.r.c.1", "step", "Anna", "wél", 2, true, true, new DateOnly(2028, 1, 1), null), "Act" },
        { new CabinetChecked("aed", "Anna", new DateOnly(2028, 1, 1), null, "pads"), "Check" },
        { new Observed("crowded", "hall", "hall", true, new Saying("people", "90", "100"), "Anna"), "Observed" },
        { new ZonesFrozen("s.fire.panel.1", [new ZoneOccupancy("hall", 4, 1, 7, 100, true, false), new ZoneOccupancy("wc", null, null, null, null, true, true)]), "Frozen" },
    };

    [Theory]
    [MemberData(nameof(Facts))]
    public void What_people_and_the_server_tell_comes_back_from_the_journal_as_it_went_in(JournalFact fact, string kind)
    {
        var (type, first, payload) = JournalDecoder.Encode(fact);
        Assert.Equal(kind, type.ToString());
        var back = JournalDecoder.Decode(new JournalRow(1, DateTimeOffset.UnixEpoch, "s", "", type, Guid.Empty, first, 0, payload, default));
        Assert.IsType(fact.GetType(), back);
        Assert.Equal(JsonSerializer.Serialize(fact, fact.GetType()), JsonSerializer.Serialize(back, back.GetType()));
    }
}
