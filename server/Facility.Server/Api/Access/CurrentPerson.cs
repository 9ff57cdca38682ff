using Facility.Domain.Access;
using Facility.Domain.Incidents;

namespace Facility.Server.Api.Access;

/// <summary>Who makes a request, and what that person or script may do. A handler takes it as a parameter.</summary>
/// <param name="Name">Of the person or the token; <see cref="Nobody"/> for who has not signed in.</param>
/// <param name="Key">Tells callers apart: the hash of a session or token, or an address. It is not shown.</param>
public sealed record CurrentPerson(string Name, Grant Grant, string Key)
{
    public const string Nobody = "anonymous";
    internal const string TokenKey = "token:";
    internal const string SessionKey = "session:";

    /// <summary>Of a caller who has not signed in.</summary>
    public static CurrentPerson Anonymous(HttpContext context) => new(Nobody, Grant.Anonymous, $"address:{context.Connection.RemoteIpAddress}");

    public Role Role => Grant.Role;

    public SiteScope Sites => Grant.Sites;

    public bool IsSignedIn => Role != Role.Anonymous;

    /// <summary>As the audit names it.</summary>
    public string Who => Key.StartsWith(TokenKey, StringComparison.Ordinal) ? TokenKey + Name : Name;

    /// <summary>Whether a site, and what is in it, exists for this person.</summary>
    public bool May(string site) => Grant.Sites.Holds(site);

    public bool May(Right right) => Grant.May(right);

    /// <summary>The name that acts go by: who has signed in, whatever a body says.</summary>
    public string ActsAs(string? claimed) => PersonText.Name(IsSignedIn ? Name : claimed);

    /// <summary>Makes it a parameter of handlers. Where no <see cref="AccessGate"/> stands before them, nobody has signed in.</summary>
    public static ValueTask<CurrentPerson> BindAsync(HttpContext context) => new(Of(context));

    public static CurrentPerson Of(HttpContext context) => context.Features.Get<CurrentPerson>() ?? Anonymous(context);
}
