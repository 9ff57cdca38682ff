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

/// <summary><c>POST /v1/session</c>.</summary>
/// <param name="Code">The six digits that the authenticator app shows.</param>
public sealed record SignIn(string? Name, string? Password, string? Code);

/// <summary><c>GET /v1/invitations/{code}</c>: what a link gives to who opens it.</summary>
/// <param name="Name">Set where it gives an account that there is a new password and app.</param>
public sealed record InvitationState(string Role, IReadOnlyList<string> Sites, DateTimeOffset ExpiresAt, string? Name = null);

/// <summary><c>POST /v1/invitations/{code}</c>: first without a code, which answers with the app's secret; then again with the code that the app shows.</summary>
public sealed record AcceptInvitation(string? Name, string? Password, string? Code = null);

/// <summary>What an authenticator app is set up with.</summary>
/// <param name="Uri"><c>otpauth://totp/...</c>.</param>
/// <param name="Secret">To type in, where no picture can be taken.</param>
/// <param name="Qr">The uri as a picture: SVG.</param>
public sealed record AuthenticatorSetup(string Uri, string Secret, string Qr);

/// <summary>People with an account.</summary>
public sealed record AccountList(IReadOnlyList<AccountState> Accounts);

/// <summary>One person with an account.</summary>
public sealed record AccountState(string Id, string Name, string Role, IReadOnlyList<string> Sites, DateTimeOffset MadeAt);

/// <summary><c>PUT /v1/accounts/{id}</c>, and <c>POST /v1/accounts</c> to invite somebody.</summary>
/// <param name="Sites">Null for all.</param>
public sealed record AccountGrant(string Role, IReadOnlyList<string>? Sites = null);

/// <summary>A link for one person, to be sent by whoever made it. It is shown this once.</summary>
public sealed record InvitationLink(string Link, string Role, IReadOnlyList<string> Sites, DateTimeOffset ExpiresAt);

/// <summary>What signing out answers to a person of the organisation's own provider.</summary>
/// <param name="Next">Where one signs out there too; null for nowhere.</param>
public sealed record SignedOut(string? Next);
