using Facility.Contracts.OnCall;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Api.Access;
using Facility.Server.OnCall;
using Facility.Server.Places;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary><c>/v1/channels</c>: how one is reached oneself: looking, changing, and trying.</summary>
internal static class ChannelEndpoints
{
    public static void MapChannels(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/channels", Own).Needs(Right.SeeOnCall).Produces<OwnChannels>().ProducesProblem(404);
        v1.MapPut("/channels", Change).Needs(Right.SeeOnCall).Saves();
        v1.MapPost("/channels/test", TestAsync).Needs(Right.SeeOnCall).Produces<ChannelTestAnswer>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(429);
    }

    private static IResult Own(HttpContext context, [FromServices] OnCallRules rules, [FromServices] ChannelTests tests) =>
        Person(rules.Current?.Document, null, context) is { } person ? TypedResults.Ok(new OwnChannels(person.Id, person.Channels, tests.Kinds)) : Nobody();

    private static IResult Change(
        [FromBody] OwnChannels body, HttpContext context, [FromServices] OnCallConfiguration configuration, [FromServices] OnCallFile file)
    {
        IReadOnlyList<ConfigurationProblem> problems = [];
        var found = false;
        var answer = configuration.Change((document, _) =>
        {
            if (Person(document, body.Person, context) is not { } person)
            {
                return (null, new SaveAnswer());
            }

            found = true;
            var next = document! with { People = [.. document.People.Select(p => p.Id == person.Id ? p with { Channels = body.Channels } : p)] };
            problems = file.Examine(System.Text.Json.JsonSerializer.Serialize(next, Commands.PrettyJson.Default.OnCallDocument)).Problems;
            return problems.Count > 0 ? (null, new SaveAnswer()) : (next, null);
        }, ConfigurationEndpoints.Who(context), "kanalen");
        return !found ? Nobody()
            : problems.Count > 0 ? Problems.Of(problems)
            : answer.Unavailable is { } why ? Problems.Of(StatusCodes.Status503ServiceUnavailable, why)
            : TypedResults.Ok(body);
    }

    private static async Task<IResult> TestAsync(
        [FromBody] ChannelTest test, HttpContext context, [FromServices] OnCallRules rules, [FromServices] ChannelTests tests, CancellationToken cancellation)
    {
        if (Person(rules.Current?.Document, test.Person, context) is not { } person)
        {
            return Nobody();
        }

        if (person.Channels.FirstOrDefault(c => c.Kind == test.Kind && (test.Address is null || c.Address == test.Address)) is not { } channel)
        {
            return Problems.BadRequest($"{person.Name} has no such channel of kind {test.Kind}; there are {string.Join(", ", person.Channels.Select(c => c.Kind))}");
        }

        if (await tests.TryAsync(person, channel, cancellation) is { } answer)
        {
            return TypedResults.Ok(answer);
        }

        context.Response.Headers.RetryAfter = $"{ChannelTests.Apart.TotalSeconds}";
        return Problems.Of(StatusCodes.Status429TooManyRequests, $"one test each {ChannelTests.Apart.TotalSeconds} seconds is enough; try again in a moment");
    }

    // Another's are there only for who may change the whole file.
    private static OnCallPerson? Person(OnCallDocument? document, string? id, HttpContext context)
    {
        var self = document is null ? null : OnCallConfigurationEndpoints.Self(document, ConfigurationEndpoints.Who(context));
        return id is null || id == self?.Id ? self
            : CurrentPerson.Of(context).May(Right.ConfigureSites) ? document?.People.FirstOrDefault(p => p.Id == id)
            : null;
    }

    private static IResult Nobody() => Problems.NotFound("the on-call file has no such person: an administrator gives somebody's account there, as account, or the same name");
}
