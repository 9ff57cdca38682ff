using System.Security.Cryptography;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Incidents;
using Facility.Server.Ports;

namespace Facility.Server.Api.Access;

/// <summary>Makes tokens, for the API and for the command alike.</summary>
public static class NewTokens
{
    /// <summary>How a token begins, so that a leaked one is known for what it is.</summary>
    public const string Prefix = "fac_";

    private const int MostDays = 366;

    /// <param name="by">Who makes it.</param>
    /// <returns>The token itself, which nothing tells again; or what is wrong with what was asked.</returns>
    public static (string? Token, ApiToken? Made, string? Problem) Make(ITokens tokens, NewToken asked, string by, DateTimeOffset now)
    {
        if (PersonText.Problem(asked.Name, null) is { } tooLong)
        {
            return (null, null, tooLong);
        }

        if (PersonText.Line(asked.Name).Length == 0)
        {
            return (null, null, "a token has a name, such as grafana");
        }

        var (grant, problem) = Grants.Read(asked.Role, asked.Sites, asked.Rights);
        if (problem is null && asked.Days is < 1 or > MostDays)
        {
            problem = $"days {asked.Days} is not from 1 to {MostDays}";
        }

        if (problem is not null)
        {
            return (null, null, problem);
        }

        var secret = Prefix + Secrets.Make();
        var token = new ApiToken(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)), PersonText.Name(asked.Name), grant!, now, now.AddDays(asked.Days), by);
        tokens.Add(Secrets.Hash(secret), token);
        return (secret, token, null);
    }
}

/// <summary>Reads a role, sites and rights that a person gives.</summary>
internal static class Grants
{
    private const int MostSites = 1000;

    public static (Grant? Grant, string? Problem) Read(string role, IReadOnlyList<string>? sites, IReadOnlyList<string>? rights = null)
    {
        if (AccessTable.RoleOf(role) is not { } known || known == Role.Anonymous)
        {
            return (null, $"role is not one of {string.Join(", ", Enum.GetValues<Role>().Where(r => r != Role.Anonymous).Select(AccessTable.NameOf))}");
        }

        if (sites?.Count is 0 or > MostSites || sites?.Any(s => s is null || s.Length is 0 or > 64) == true)
        {
            return (null, $"sites are 1 to {MostSites} ids of GET /v1/sites, or * for all");
        }

        if (rights?.FirstOrDefault(r => AccessTable.RightOf(r) is not { } right || !AccessTable.Allows(known, right)) is { } wrong)
        {
            return (null, $"rights has {PersonText.Line(wrong)}, which is no right of {role}; its rights are {string.Join(", ", AccessTable.Of(known).Select(AccessTable.NameOf))}");
        }

        return (new Grant(known, sites is null ? SiteScope.All : new SiteScope(sites), rights?.Select(r => AccessTable.RightOf(r)!.Value).ToHashSet()), null);
    }
}
