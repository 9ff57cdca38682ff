using Facility.Server.Ports;
using Microsoft.AspNetCore.Identity;

namespace Facility.Server.Api.Access;

/// <summary>Passwords and codes of authenticator apps (RFC 6238), by ASP.NET Core Identity.</summary>
internal static class Passwords
{
    public const int Shortest = 12;
    public const int Longest = 128;
    public const int Iterations = 210_000;

    // Of a password that nobody has: who does not exist takes as long to refuse as who does.
    private static readonly Account Nobody = new();

    /// <summary>Both right, and the code not taken before. Whatever is wrong takes as long.</summary>
    public static async Task<bool> IsRightAsync(UserManager<Account> users, Account? account, string? password, string? code)
    {
        if (Nobody.PasswordHash is null)
        {
            Nobody.PasswordHash = users.PasswordHasher.HashPassword(Nobody, Secrets.Make());
        }

        var isPassword = users.PasswordHasher.VerifyHashedPassword(
            account ?? Nobody, account?.PasswordHash ?? Nobody.PasswordHash, password is { Length: <= Longest } ? password : "") != PasswordVerificationResult.Failed;
        if (!isPassword || account is null || !await IsCodeAsync(users, account, code))
        {
            return false;
        }

        account.LastCode = Digits(code);
        return (await users.UpdateAsync(account)).Succeeded;
    }

    public static async Task<bool> IsCodeAsync(UserManager<Account> users, Account account, string? code) =>
        Digits(code) is { Length: 6 } digits && digits != account.LastCode
        && await users.VerifyTwoFactorTokenAsync(account, TokenOptions.DefaultAuthenticatorProvider, digits);

    /// <summary>What is wrong with a new password; null for nothing.</summary>
    public static string? Problem(string? password, string name) =>
        password is null || password.Length < Shortest ? $"a password has at least {Shortest} characters"
        : password.Length > Longest ? $"a password has at most {Longest} characters"
        : password.Distinct().Count() < 5 ? "this password has too few different characters"
        : password.Contains(name, StringComparison.OrdinalIgnoreCase) && password.Length < name.Length + Shortest ? "this password is mostly the name"
        : null;

    public static IServiceCollection AddPasswords<TStore>(this IServiceCollection services)
        where TStore : class, IUserStore<Account>
    {
        services.Configure<PasswordHasherOptions>(o => o.IterationCount = Iterations);
        services.AddIdentityCore<Account>(o =>
        {
            // What a password must be is said by Problem; any name that a person has is one.
            (o.Password.RequiredLength, o.Password.RequireDigit, o.Password.RequireLowercase) = (Shortest, false, false);
            (o.Password.RequireUppercase, o.Password.RequireNonAlphanumeric, o.User.AllowedUserNameCharacters) = (false, false, "");
        }).AddUserStore<TStore>().AddTokenProvider<AuthenticatorTokenProvider<Account>>(TokenOptions.DefaultAuthenticatorProvider);
        return services;
    }

    // As apps show it: in two groups.
    private static string? Digits(string? code) => code?.Replace(" ", "", StringComparison.Ordinal);
}
