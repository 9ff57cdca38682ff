using System.CommandLine;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Api.Access;

namespace Facility.Server.Commands;

/// <summary><c>facility-server token create|list|revoke</c>: tokens of scripts, by whoever may read the data folder; also while the server runs.</summary>
public static class TokenCommand
{
    /// <param name="open">Opens the tokens of a data folder.</param>
    public static Command Create(Func<string, OpenedAccess> open, TimeProvider time)
    {
        var command = new Command("token", "Makes, lists and revokes the tokens by which scripts use the API; also while the server runs.");
        var data = ServerCommandLine.Text("--data", "The server's data folder.", "data");
        data.Recursive = true;
        command.Options.Add(data);
        command.Subcommands.Add(Make(open, data, time));

        var list = new Command("list", "Lists the tokens that were not revoked.");
        list.SetAction(parsed => AccessOfData.With(open, parsed.GetValue(data)!, access =>
        {
            foreach (var t in access.Tokens.List())
            {
                Console.WriteLine(
                    $"{t.Id}  {t.Name}  {AccessTable.NameOf(t.Grant.Role)}  {t.Grant.Sites}  until {Rfc3339.Format(t.ExpiresAt)}{(t.ExpiresAt <= time.GetUtcNow() ? " (expired)" : "")}");
            }

            return 0;
        }));
        command.Subcommands.Add(list);

        var id = new Argument<string>("id") { Description = "Of the token, as list tells it." };
        var revoke = new Command("revoke", "Revokes a token: from now on it opens nothing.") { id };
        revoke.SetAction(parsed => AccessOfData.With(open, parsed.GetValue(data)!, access =>
        {
            if (!access.Tokens.Revoke(parsed.GetValue(id)!, time.GetUtcNow()))
            {
                Console.Error.WriteLine($"there is no token {parsed.GetValue(id)}; facility-server token list tells which there are");
                return 1;
            }

            access.Audit.Record(AccessOfData.CommandLine, "manage-tokens", parsed.GetValue(id)!, "revoked");
            return 0;
        }));
        command.Subcommands.Add(revoke);
        return command;
    }

    private static Command Make(Func<string, OpenedAccess> open, Option<string> data, TimeProvider time)
    {
        var name = new Option<string>("--name") { Description = "What uses it, such as grafana; its acts go by this name.", Required = true };
        var role = new Option<string>("--role") { Description = "buurtverbinder, piket, analyst or administrator.", Required = true };
        var sites = new Option<string?>("--sites") { Description = "Ids of sites with commas between them; without it all." };
        var rights = new Option<string?>("--rights") { Description = "Only these rights of the role, with commas between them, such as see-metrics." };
        var days = new Option<int>("--days") { Description = "How long it lasts, 1 to 366.", DefaultValueFactory = _ => 90 };
        var make = new Command("create", "Prints a new token. It is shown this once.") { name, role, sites, rights, days };
        make.SetAction(parsed => AccessOfData.With(open, parsed.GetValue(data)!, access =>
        {
            var asked = new NewToken(
                parsed.GetValue(name)!, parsed.GetValue(role)!, Split(parsed.GetValue(sites)), Split(parsed.GetValue(rights)), parsed.GetValue(days));
            var (secret, made, problem) = NewTokens.Make(access.Tokens, asked, AccessOfData.CommandLine, time.GetUtcNow());
            if (problem is not null)
            {
                Console.Error.WriteLine(problem);
                return 2;
            }

            access.Audit.Record(AccessOfData.CommandLine, "manage-tokens", made!.Id, $"created {made.Name}, {asked.Role} of {made.Grant.Sites}");
            Console.WriteLine(secret);
            return 0;
        }));
        return make;
    }

    private static string[]? Split(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
