using Facility.Domain.Access;
using Facility.Server.Ports;

namespace Facility.Server.Api.Access;

/// <summary>Makes links by which somebody gets an account: for the API, for commands and for the first start.</summary>
public static class NewInvitations
{
    /// <summary>How long a link works, once.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromHours(24);

    /// <param name="server">Where people reach the server.</param>
    /// <param name="account">Whose password and app are set anew; null for somebody new.</param>
    public static (Uri Link, DateTimeOffset Until) Make(IInvitations invitations, Uri server, Grant grant, string by, DateTimeOffset now, string? account = null)
    {
        var code = Secrets.Make();
        invitations.Add(Secrets.Hash(code), new Invitation(grant, now + Lasts, by, account));
        return (new Uri(server, "/welkom/" + code), now + Lasts);
    }

    /// <summary>The link for the first administrator, where nobody could make one; null where somebody can.</summary>
    public static (Uri Link, DateTimeOffset Until)? MakeFirst(IAccounts accounts, IInvitations invitations, Uri server, DateTimeOffset now)
    {
        if (accounts.List().Any(a => a.Grant.May(Right.ManageAccounts)))
        {
            return null;
        }

        invitations.ForgetFirst();
        return Make(invitations, server, new Grant(Role.Administrator, SiteScope.All), Invitation.FirstStart, now);
    }
}
