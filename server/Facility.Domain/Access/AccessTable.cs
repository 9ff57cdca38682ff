using System.Text.Json;
using static Facility.Domain.Access.Right;

namespace Facility.Domain.Access;

/// <summary>Which role has which rights: the one table that the server enforces, the documentation shows and a test drives.</summary>
public static class AccessTable
{
    private static readonly Dictionary<Role, HashSet<Right>> Table = new()
    {
        [Role.Anonymous] = [SeePublicOccupancy],
        [Role.Buurtverbinder] =
        [
            SeePublicOccupancy, SeeOccupancy, SeeTrends, ExportData, SeeIncidents, ActOnIncidents, CallEvacuation, Count, SeeDevices, SeeOnCall,
        ],
        [Role.Piket] = [SeePublicOccupancy, SeeOccupancy, SeeIncidents, ActOnIncidents, CallEvacuation, Count, SeeDevices, SeeOnCall, ChangeOnCall],
        [Role.Analyst] = [SeePublicOccupancy, SeeTrends, ExportData],
        [Role.Administrator] = [.. Enum.GetValues<Right>()],
    };

    private static readonly HashSet<Right> WholeServer = [ConfigureSites, ManageAccounts, ManageTokens, SeeAudit, SeeMetrics];

    public static IReadOnlySet<Right> Of(Role role) => Table[role];

    public static bool Allows(Role role, Right right) => Table[role].Contains(right);

    /// <summary>Whether a right is about the whole server: who is limited to some sites does not have it.</summary>
    public static bool IsOfWholeServer(Right right) => WholeServer.Contains(right);

    /// <summary>As it stands in JSON and on command lines: <c>see-public-occupancy</c>.</summary>
    public static string NameOf(Right right) => JsonNamingPolicy.KebabCaseLower.ConvertName(right.ToString());

    public static string NameOf(Role role) => JsonNamingPolicy.KebabCaseLower.ConvertName(role.ToString());

    /// <summary>Null where there is no such right.</summary>
    public static Right? RightOf(string name) => Enum.GetValues<Right>().Where(r => NameOf(r) == name).Select(r => (Right?)r).FirstOrDefault();

    /// <summary>Null where there is no such role.</summary>
    public static Role? RoleOf(string name) => Enum.GetValues<Role>().Where(r => NameOf(r) == name).Select(r => (Role?)r).FirstOrDefault();
}
