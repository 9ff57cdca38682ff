namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/session</c>: who the server takes the caller for, and what that may do.</summary>
/// <param name="Name">Null for who has not signed in.</param>
/// <param name="Role"><c>anonymous</c>, <c>buurtverbinder</c>, <c>piket</c>, <c>analyst</c> or <c>administrator</c>.</param>
/// <param name="Sites">Ids, or <c>*</c> alone for all.</param>
/// <param name="Rights">Such as <c>see-public-occupancy</c>.</param>
/// <param name="Antiforgery">Goes in the header <c>X-Antiforgery</c> of every request by cookie that changes something; null where there is no session.</param>
/// <param name="NeedsSetup">Whether nobody can sign in yet: the server printed a link for the first administrator.</param>
/// <param name="OpenId">Whether one may also sign in at the organisation's own provider.</param>
public sealed record SessionState(
    string? Name, string Role, IReadOnlyList<string> Sites, IReadOnlyList<string> Rights, string? Antiforgery = null, bool NeedsSetup = false, bool OpenId = false);

/// <summary>Tokens of scripts.</summary>
public sealed record TokenList(IReadOnlyList<TokenState> Tokens);

/// <summary>What is known of a token.</summary>
/// <param name="Rights">Null for all rights of the role.</param>
/// <param name="Token">The token itself: only in the answer that made it.</param>
public sealed record TokenState(
    string Id, string Name, string Role, IReadOnlyList<string> Sites, IReadOnlyList<string>? Rights, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt,
    string MadeBy, string? Token = null);

/// <summary><c>POST /v1/tokens</c>.</summary>
/// <param name="Sites">Null for all.</param>
/// <param name="Rights">Null for all rights of the role.</param>
/// <param name="Days">How long it lasts; 1 to 366.</param>
public sealed record NewToken(string Name, string Role, IReadOnlyList<string>? Sites = null, IReadOnlyList<string>? Rights = null, int Days = 90);

/// <summary><c>GET /v1/audit</c>: who saw and did what, the newest first.</summary>
public sealed record AuditList(IReadOnlyList<AuditRow> Entries);

/// <summary>One thing that was seen or done.</summary>
public sealed record AuditRow(long Number, DateTimeOffset At, string Who, string What, string About, string Detail);
