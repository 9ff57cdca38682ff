using System.Globalization;
using System.Resources;

namespace Facility.Dashboard.Account;

/// <summary>The words of signing in, from <c>Resources/AccountTexts.resx</c> (Dutch) and <c>AccountTexts.en.resx</c>.</summary>
public static class AccountWords
{
    public static readonly ResourceManager Resources = new("Facility.Dashboard.Resources.AccountTexts", typeof(AccountWords).Assembly);

    /// <summary>The text; the key itself when there is none, which a test forbids.</summary>
    public static string A(string key) => Resources.GetString(key, CultureInfo.CurrentUICulture) ?? key;

    public static string A(string key, params object?[] values) => string.Format(CultureInfo.CurrentCulture, A(key), values);
}
