using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts;
using Facility.Contracts.OnCall;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Configuration;
using Facility.Domain.OnCall;
using Microsoft.Playwright;

namespace Facility.Tests.EndToEnd;

/// <summary>Figures of four weeks, a roster and a configuration that remembers, answered to a page in place of a server.</summary>
internal sealed class OfficeFixture
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly List<ConfigurationState> _revisions = [];

    private OnCallDocument _onCall = new(
        [
            new("anna", "Anna de Vries", [new("email", "anna@example.org")]), new("bram", "Bram Jansen", [new("ntfy", "https://ntfy.sh/bram")]),
            new("chris", "Chris Bakker", [new("email", "chris@example.org")]),
        ],
        [new("piket", "Piket van de buurtpleinen", [new(DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-9), ["anna", "bram", "chris"])])],
        [new("urgent", [new(["roster:piket"])]), new("normal", [new(["roster:piket"])])]);

    public OfficeFixture(SitesDocument sites) => _revisions.Add(new ConfigurationState(1, Now.AddDays(-30), "", "", JsonSerializer.SerializeToElement(
        sites, new ApiJson(new JsonSerializerOptions(ApiJson.Default.Options) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull }).SitesDocument)));

    public ConfigurationState Ruling => _revisions[^1];

    public Task AnswerAsync(IPage page) => page.RouteAsync("**/v1/**", async route =>
    {
        var (path, method) = (new Uri(route.Request.Url).AbsolutePath["/v1/".Length..], route.Request.Method);
        var accept = route.Request.Headers.GetValueOrDefault("accept", "");
        if (accept == "text/csv")
        {
            await route.FulfillAsync(new() { ContentType = "text/csv", Body = "weekday,hour,mean\n1,10,40\n" });
        }
        else if (Answer(path, method, route.Request.PostData) is { } json)
        {
            await route.FulfillAsync(new() { ContentType = "application/json", BodyBytes = Encoding.UTF8.GetBytes(json) });
        }
        else
        {
            await route.FallbackAsync();
        }
    });

    private string? Answer(string path, string method, string? body) => (method, path.Split('/')) switch
    {
        ("GET", ["sites", _, "crowding"]) => Json(Week()),
        ("GET", ["sites", _, "occupancy-history"]) => Json(Hours()),
        ("GET", ["sites", _, "visits"]) => Json(Visits()),
        ("GET", ["sites", _, "use"]) => Json(Use()),
        ("GET", ["sites", _, "bookings"]) => Json(new BookedUse([], [new("meeting", 34, 5, 102, 81.5, 22), new("hall", 12, 1, 30, 28, 140)], [])),
        ("GET", ["sites", _, "aed-readiness"]) => Json(new AedReadiness(Now.AddDays(-28), Now, [new("aed", 40320, 40190, 60, 0, 30, 0, 40, 0)])),
        ("GET", ["configuration"]) => Json(Ruling),
        ("GET", ["configuration", "revisions"]) => Json(new RevisionList([.. Enumerable.Reverse(_revisions).Select(r => new RevisionLine(r.Revision, r.At, r.Who, r.Note))])),
        ("GET", ["configuration", "revisions", var n]) => Json(_revisions[int.Parse(n, null) - 1]),
        ("POST", ["configuration", "check"]) => Json(Check(JsonNode.Parse(body!)!["document"]!)),
        ("PUT", ["configuration"]) => Json(Save(JsonSerializer.Deserialize(body!, ApiJson.Default.ConfigurationDraft)!)),
        ("GET", ["on-call", "rosters"]) => Json(new RosterList("Europe/Amsterdam", [new("piket", "Piket van de buurtpleinen")],
            [.. _onCall.People.Select(p => new RosterPerson(p.Id, p.Name, p.Id != "chris"))], Now.AddDays(-2), "anna")),
        ("GET", ["on-call", "rosters", _]) => Json(new RosterDuties("piket",
            [.. new Escalation(_onCall).RosterOf("piket")!.Between(Now.AddDays(-7), Now.AddDays(40)).Select(d => new RosterDuty(d.Person, d.From, d.Until))])),
        ("POST", ["on-call", "swaps"]) => Swap(JsonSerializer.Deserialize(body!, ApiJson.Default.TurnSwap)!),
        ("GET", ["channels"]) => Json(new OwnChannels("anna", [new("email", "anna@example.org"), new("ntfy", "https://ntfy.sh/anna")], ["email", "push", "ntfy"])),
        ("POST", ["channels", "test"]) => Json(new ChannelTestAnswer("sent", "ok")),
        _ => null,
    };

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, typeof(T), ApiJson.Default);

    private ConfigurationCheck Check(JsonNode document)
    {
        var capacity = document["sites"]![0]!["capacity"]!.GetValue<decimal>();
        return capacity < 1
            ? new([new("$.sites[0].capacity", $"{capacity}", "a value of type integer, at least 1, at most 100000")], [], [])
            : new([], [], Differences.Between(JsonNode.Parse(Ruling.Document.GetRawText()), document));
    }

    private ConfigurationState Save(ConfigurationDraft draft)
    {
        _revisions.Add(new ConfigurationState(_revisions.Count + 1, DateTimeOffset.UtcNow, "Anna", draft.Note ?? "", draft.Document!.Value));
        return Ruling;
    }

    private string Swap(TurnSwap swap)
    {
        var clock = new Escalation(_onCall).RosterOf("piket")!;
        Shift Taken(TurnOf turn, string by) => clock.At(turn.At) is var duty
            ? new Shift(by, duty.From.ToOffset(TimeSpan.FromHours(1)).DateTime, duty.Until.ToOffset(TimeSpan.FromHours(1)).DateTime) : null!;
        _onCall = _onCall with { Rosters = [_onCall.Rosters[0] with { Overrides = [Taken(swap.First!, swap.Second!.Person), Taken(swap.Second!, swap.First!.Person)] }] };
        return Json(Ruling);
    }

    // Busy in the afternoons, and most on Tuesday.
    private static double People(int weekday, int hour) => hour is < 9 or > 21 ? 0 : Math.Max(0, (weekday == 2 ? 190 : weekday > 5 ? 60 : 130) * Math.Exp(-Math.Pow((hour - 14.5) / 4, 2)));

    private static Crowding Week() => new([.. from day in Enumerable.Range(1, 7) from hour in Enumerable.Range(9, 13)
        let people = People(day, hour) select new CrowdingCell(day, hour, people, people * 1.2, people > 150 ? 0.3 : 0, people > 180 ? 0.02 : 0)]);

    private static OccupancyHistory Hours() => new("live", [.. from hours in Enumerable.Range(0, 28 * 24) let at = Now.AddHours(hours - (28 * 24))
        let people = People(at.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)at.DayOfWeek, at.Hour + 1)
        select new OccupancyPoint(at, people, (int)(people * 1.1), (int)(people * 0.85), (int)(people * 1.2) + 1)]);

    private static VisitHistory Visits() => new("day", new(DoorBasis.Imbalance, 28, 0.01), [.. from day in Enumerable.Range(0, 28)
        let date = DateOnly.FromDateTime(Now.UtcDateTime).AddDays(day - 27) let visits = date.DayOfWeek is DayOfWeek.Sunday ? 80 : 250 + (day % 5 * 30)
        select new VisitPoint(date, visits, visits - 15, visits + 18, visits, 1, day == 27)]);

    private static RoomUse Use() => new([.. from zone in new[] { ("hall", 0.82), ("meeting", 0.46), ("kitchen", 0.31), ("consult-1", 0.57) }
        select new UseRow(zone.Item1, "all", 364, zone.Item2, zone.Item2 - 0.06, zone.Item2 + 0.05, zone.Item1 == "consult-1" ? null : 22, 18, 27, 0.02, 0.05, 0, 0.01)]);
}
