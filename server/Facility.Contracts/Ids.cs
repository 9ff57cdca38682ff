namespace Facility.Contracts;

/// <summary>Ids of sites, zones, portals, devices and sensors: kebab-case, at most <see cref="Limits.IdLength"/> characters.</summary>
public static class Ids
{
    /// <summary>What is allowed, for error messages and for the JSON Schema.</summary>
    public const string Pattern = "^[a-z0-9]+(-[a-z0-9]+)*$";

    public static bool IsValid(ReadOnlySpan<char> id)
    {
        if (id.Length is 0 or > Limits.IdLength || id[0] == '-' || id[^1] == '-')
        {
            return false;
        }

        for (var i = 0; i < id.Length; i++)
        {
            var allowed = char.IsAsciiDigit(id[i]) || char.IsAsciiLetterLower(id[i]) || (id[i] == '-' && id[i - 1] != '-');
            if (!allowed)
            {
                return false;
            }
        }

        return true;
    }
}
