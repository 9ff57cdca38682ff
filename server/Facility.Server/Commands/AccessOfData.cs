using Facility.Server.Ports;

namespace Facility.Server.Commands;

/// <summary>The accounts and tokens of a data folder, for commands.</summary>
/// <param name="Close">Closes them.</param>
public sealed record OpenedAccess(ITokens Tokens, IAccounts Accounts, IInvitations Invitations, IAudit Audit, IDisposable Close);

/// <summary>Opens them for one command.</summary>
internal static class AccessOfData
{
    /// <summary>As the audit names who uses a command.</summary>
    public const string CommandLine = "command line";

    public static int With(Func<string, OpenedAccess> open, string data, Func<OpenedAccess, int> act)
    {
        try
        {
            var access = open(data);
            using (access.Close)
            {
                return act(access);
            }
        }
        catch (JournalUnavailableException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
