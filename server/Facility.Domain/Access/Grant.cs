namespace Facility.Domain.Access;

/// <summary>What one caller was given: a role, at all sites or at some, and of a token perhaps not all of the role's rights.</summary>
/// <param name="Only">Null for all rights of the role.</param>
public sealed record Grant(Role Role, SiteScope Sites, IReadOnlySet<Right>? Only = null)
{
    public static Grant Anonymous { get; } = new(Role.Anonymous, SiteScope.All);

    /// <summary>Whether it holds at some site at least; a right of the whole server only where all sites are given.</summary>
    public bool May(Right right) =>
        AccessTable.Allows(Role, right) && Only?.Contains(right) != false && (Sites.IsAll || !AccessTable.IsOfWholeServer(right));

    public bool May(Right right, string site) => May(right) && Sites.Holds(site);

    public IEnumerable<Right> Rights => Enum.GetValues<Right>().Where(May);
}

/// <summary>Some sites, or all: those that are added later too.</summary>
public sealed class SiteScope : IEquatable<SiteScope>
{
    /// <summary>How all sites are written.</summary>
    public const string Everywhere = "*";

    private readonly HashSet<string> sites;

    /// <param name="sites">Ids, or <see cref="Everywhere"/> alone. None at all is nowhere.</param>
    public SiteScope(IEnumerable<string> sites) => this.sites = [.. sites];

    public static SiteScope All { get; } = new([Everywhere]);

    public bool IsAll => sites.Contains(Everywhere);

    public IReadOnlyList<string> Names => IsAll ? [Everywhere] : [.. sites.Order(StringComparer.Ordinal)];

    /// <summary>What belongs to no site, such as an incident of the server itself, is everybody's.</summary>
    public bool Holds(string site) => site.Length == 0 || IsAll || sites.Contains(site);

    public bool Equals(SiteScope? other) => other is not null && Names.SequenceEqual(other.Names);

    public override bool Equals(object? obj) => Equals(obj as SiteScope);

    public override int GetHashCode() => Names.Count;

    public override string ToString() => string.Join(',', Names);
}
