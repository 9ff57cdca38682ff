using System.Security.Cryptography;
using System.Text;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Domain.Incidents;
using Facility.Domain.Ingestion;
using Facility.Domain.OnCall;
using Facility.Server.Api.Access;
using Facility.Server.OnCall;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary>
/// <c>/a/{token}</c>: the page behind a message. A few kilobytes of HTML without a script; looking at it acknowledges nothing, since mail
/// servers and telephones look at links by themselves. The button does, as the person the link was sent to.
/// </summary>
internal static class AcknowledgePage
{
    private const string Why = "the link itself, sent to one person for a day, is what opens it";

    private const string Style = """
        :root{color-scheme:light dark;font:18px/1.5 system-ui,sans-serif}body{max-width:36rem;margin:0 auto;padding:1rem}
        h1{font-size:1.5rem;line-height:1.25}button{width:100%;min-height:4rem;font:inherit;font-weight:700;font-size:1.4rem;border:0;border-radius:.5rem;background:#0b5;color:#001a0c}
        button:focus-visible{outline:4px solid}li{margin:.4rem 0}.by{padding:.75rem 1rem;border-left:.4rem solid #0b5}
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public static void MapAcknowledgePage(this IEndpointRouteBuilder app)
    {
        app.MapGet("/a/{token}", (HttpContext context, string token, [FromServices] Parts parts) => Show(context, token, parts)).OpenToAll(Why).ExcludeFromDescription();
        app.MapPost("/a/{token}", (HttpContext context, string token, [FromServices] Parts parts) => Press(context, token, parts)).OpenToAll(Why).ExcludeFromDescription();
    }

    private static IResult Show(HttpContext context, string token, Parts parts)
    {
        var now = parts.Time.GetUtcNow();
        if (parts.Links.Find(token, now) is not { } link || parts.Rules.Current is not { } escalation)
        {
            var wanted = context.Request.Headers.AcceptLanguage.ToString().StartsWith("en", StringComparison.OrdinalIgnoreCase) ? "en" : "nl";
            return Page(context, 404, wanted, "Facility", $"<p>{E(PageText.T(wanted, "Page.Expired"))}</p>");
        }

        var person = escalation.Find(link.Person);
        var (language, name) = (person?.Language ?? "nl", person?.Name ?? link.Person);
        var hello = $"<p>{E(PageText.T(language, "Page.Hello", name))}</p>";
        if (link.Subjects[0].StartsWith(PageText.Drill, StringComparison.Ordinal))
        {
            return Page(context, 200, language, PageText.T(language, "Page.Drill"), hello + (parts.Store.IsConfirmed(link.Subjects[0], link.Person)
                ? $"<p class=\"by\">{E(PageText.T(language, "Page.Thanks"))}</p>"
                : $"<p>{E(PageText.T(language, "Page.DrillText"))}</p>{Button(token, PageText.T(language, "Page.Reachable"))}"));
        }

        var incidents = link.Subjects.Select(parts.Incidents.Find).OfType<Incident>().ToArray();
        var composer = new Composer(parts.Incidents, parts.Sites, parts.Links, escalation);
        var body = new StringBuilder(hello);
        foreach (var incident in incidents)
        {
            body.Append(incidents.Length > 1 ? $"<h2>{E(composer.TitleOf(language, incident))}</h2>" : "")
                .Append(Invariant($"<p>{E(PageText.T(language, "Page.Since", PageText.Local(language, incident.OpenedAt, escalation.Zone)))}</p>"))
                .Append(Standing(language, incident, name, escalation))
                .Append(Invariant($"<h2>{E(PageText.T(language, "Page.Steps"))}</h2><ol>{string.Concat(PageText.Playbook(language, incident.Rule).Select(s => $"<li>{E(s)}</li>"))}</ol>"));
        }

        var button = Array.Exists(incidents, i => i.State == IncidentLife.Open) ? Button(token, PageText.T(language, "Page.Take")) : "";
        return Page(context, 200, language, incidents.Length == 0 ? "Facility" : composer.Incidents(language, incidents).Title, button + body);
    }

    private static async Task<IResult> Press(HttpContext context, string token, Parts parts)
    {
        var now = parts.Time.GetUtcNow();
        if (parts.Links.Find(token, now) is { } link)
        {
            var name = parts.Rules.Current?.Find(link.Person)?.Name ?? link.Person;
            foreach (var subject in link.Subjects)
            {
                if (subject.StartsWith(PageText.Drill, StringComparison.Ordinal))
                {
                    parts.Store.Confirm(subject, link.Person, now);
                }
                else
                {
                    // A refusal says who was first: so does the page that follows.
                    await AcknowledgeAsync(parts.Acts, subject, name, context.RequestAborted);
                }
            }
        }

        return Show(context, token, parts);
    }

    // What the journal has not taken yet is not shown as taken: the person presses again.
    private static async Task AcknowledgeAsync(IncidentActs acts, string incident, string name, CancellationToken cancellation)
    {
        try
        {
            await acts.DoAsync(new PersonActed(Guid.NewGuid(), incident, PersonActed.Acknowledgement, name), cancellation);
        }
        catch (ActPendingException)
        {
        }
    }

    private static string Standing(string language, Incident incident, string me, Escalation escalation) => incident.State switch
    {
        IncidentLife.Resolved => $"<p class=\"by\">{E(PageText.T(language, "Page.Over"))}</p>",
        IncidentLife.Acknowledged when incident.AcknowledgedBy == me => $"<p class=\"by\">{E(PageText.T(language, "Page.Yours"))}</p>",
        IncidentLife.Acknowledged => $"<p class=\"by\">{E(PageText.T(language, "Page.Taken", incident.AcknowledgedBy ?? "?", PageText.Local(language, incident.AcknowledgedAt ?? incident.OpenedAt, escalation.Zone)))}</p>",
        _ => "",
    };

    private static string Button(string token, string text) => $"<form method=\"post\" action=\"/a/{E(token)}\"><button>{E(text)}</button></form>";

    private static IResult Page(HttpContext context, int status, string language, string title, string body)
    {
        var headers = context.Response.Headers;
        (headers.ContentSecurityPolicy, headers.CacheControl, headers.XContentTypeOptions) = (Policy, "no-store", "nosniff");
        (headers["Referrer-Policy"], headers["X-Robots-Tag"]) = ("no-referrer", "noindex, nofollow");
        return TypedResults.Content(
            $"<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{E(title)}</title><style>{Style}</style><main><h1>{E(title)}</h1>{body}</main></html>",
            "text/html; charset=utf-8", Encoding.UTF8, status);
    }

    private static string E(string text) => SafeText.Html(text);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>What the page reads and does.</summary>
    internal sealed record Parts(
        Links Links, OnCallRules Rules, IOnCallStore Store, IIncidentStore Incidents, IncidentActs Acts, ISitesDirectory Sites, TimeProvider Time);
}
