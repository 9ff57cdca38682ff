using System.Globalization;
using System.Text;
using Facility.Domain.Access;

namespace Facility.Server.Api.Access;

/// <summary>Writes the authorization matrix as it is enforced: from the endpoints that are mapped, and the table of rights.</summary>
internal static class AccessDocument
{
    private const string Head = """
        # Who may do what

        Written by the server's own tables, and compared with them by a test (`AccessMatrix`), which also calls every endpoint as every role, at a
        site of its own and at one of another. Where this page is behind, `FACILITY_WRITE_ACCESS=1` before that test writes it anew.

        ● may, at the sites that the person or token is given · – may not: 401 for who has not signed in, 403 otherwise. An object of another site
        answers 404, as one that does not exist, and lists leave it out. ◆ is about the whole server: who is limited to some sites may not.


        """;

    private static readonly (string Topic, string Device, string Server, string Person)[] Topics =
    [
        ("`{prefix}/{site}/{device}/urgent`, `.../events`, `.../status`, `.../renewal`", "its own: publish", "subscribe", "–"),
        ("`{prefix}/{site}/{device}/ack/{stream}`, `.../command`", "its own: subscribe", "publish", "–"),
        ("`homeassistant/device/{device}/config`", "its own: publish and subscribe", "–", "–"),
        ("`facility/piket/{name}`", "the siren or lamp of that name: subscribe", "publish", "–"),
        ("all others", "–", "–", "–"),
    ];

    private static readonly Role[] Roles = Enum.GetValues<Role>();

    public static string Of(IEnumerable<RouteEndpoint> endpoints)
    {
        var text = new StringBuilder(Head);
        Table(text, "Right", [.. Enum.GetValues<Right>().Select(r => ($"`{AccessTable.NameOf(r)}`{(AccessTable.IsOfWholeServer(r) ? " ◆" : "")}", (Right?)r, ""))]);
        text.Append("\n## Endpoints\n\n");
        Table(text, "Endpoint", [.. endpoints.SelectMany(Rows).Append((Path: "/", Name: "GET /, /_framework/... and every page", Needs: new Needs(null, NeedsOfEndpoints.Pages))).Distinct().OrderBy(r => r.Path, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal)
            .Select(r => ($"`{r.Name}`", r.Needs.Right, r.Needs.Right is { } right ? $"`{AccessTable.NameOf(right)}`" : "open: " + r.Needs.Why))]);
        text.Append("\n## The live hub\n\nMethods that a client calls, and events that it is sent.\n\n");
        Table(text, "Of the hub", [.. LiveRights.Methods.Select(m => ($"call `{m.Key}`", (Right?)m.Value, $"`{AccessTable.NameOf(m.Value)}`")),
            .. LiveRights.Events.Select(e => ($"event `{e.Key}`", (Right?)e.Value.Right, $"`{AccessTable.NameOf(e.Value.Right)}`{(e.Value.Part.Length > 0 ? "; " + e.Value.Part : "")}"))]);
        text.Append("\n## MQTT topics\n\nThe broker lets devices and the server in, by their certificates; people and scripts have no place there.\n\n");
        text.Append("| Topic | a device | the server | people of any role |\n|---|---|---|---|\n");
        foreach (var (topic, device, server, person) in Topics)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {topic} | {device} | {server} | {person} |\n");
        }

        return text.ToString();
    }

    private static IEnumerable<(string Path, string Name, Needs Needs)> Rows(RouteEndpoint endpoint)
    {
        var needs = NeedsOfEndpoints.Of(endpoint) ?? throw new InvalidOperationException($"{endpoint} does not say who may use it");
        if (needs.Why == NeedsOfEndpoints.Pages)
        {
            return [];
        }

        var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
        return (methods.Count == 0 || methods.Count > 2 ? ["ANY"] : methods)
            .Select(m => (path, $"{m} {path}", needs));
    }

    private static void Table(StringBuilder text, string what, IReadOnlyList<(string Name, Right? Right, string Needs)> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {what} | {string.Join(" | ", Roles.Select(AccessTable.NameOf))} | needs |\n|---|{string.Concat(Roles.Select(_ => ":-:|"))}---|\n");
        foreach (var (name, right, needs) in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", Roles.Select(role => right is null || AccessTable.Allows(role, right.Value) ? "●" : "–"))} | {needs} |\n");
        }
    }
}
