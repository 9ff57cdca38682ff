using System.CommandLine;
using Facility.Domain.Access;
using Facility.Server.Api.Access;

namespace Facility.Server.Commands;

/// <summary><c>facility-server account invite</c>: a link for a new account, by whoever may read the data folder; also while the server runs.</summary>
public static class AccountCommand
{
    public static Command Create(Func<string, OpenedAccess> open, TimeProvider time)
    {
        var data = ServerCommandLine.Text("--data", "The server's data folder.", "data");
        var role = new Option<string>("--role") { Description = "buurtverbinder, piket, analyst or administrator.", Required = true };
        var sites = new Option<string?>("--sites") { Description = "Ids of sites with commas between them; without it all." };
        var url = ServerCommandLine.Text("--public-url", "Where people reach the server.", "http://localhost:8080");
        var first = new Option<bool>("--if-none") { Description = "Only where nobody may invite people yet; else it prints nothing." };
        var invite = new Command("invite", "Prints a link by which somebody gets an account, once and within a day.") { data, role, sites, url, first };
        invite.SetAction(parsed => AccessOfData.With(open, parsed.GetValue(data)!, access =>
        {
            var (grant, problem) = Grants.Read(parsed.GetValue(role)!, parsed.GetValue(sites)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            if (grant is null || !Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out var server))
            {
                Console.Error.WriteLine(problem ?? "--public-url is not an address such as https://facility.example.org");
                return 2;
            }

            if (!parsed.GetValue(first) || !access.Accounts.List().Any(a => a.Grant.May(Right.ManageAccounts)))
            {
                access.Audit.Record(AccessOfData.CommandLine, "manage-accounts", "invitation", $"{AccessTable.NameOf(grant.Role)} of {grant.Sites}");
                Console.WriteLine(NewInvitations.Make(access.Invitations, server, grant, AccessOfData.CommandLine, time.GetUtcNow()).Link);
            }

            return 0;
        }));
        return new Command("account", "Invites people; also while the server runs.") { invite };
    }
}
