namespace Facility.Server.Pipeline;

/// <summary>What keeps the server from its work now, for <c>/health/ready</c>. Safe for threads.</summary>
public sealed class ServerHealth : Api.IReadiness
{
    private volatile string? journal;
    private volatile string? broker = "The broker is not connected yet.";

    /// <summary>Why nothing can be journaled; null while all is well.</summary>
    public string? Journal
    {
        get => journal;
        set => journal = value;
    }

    /// <summary>Why the broker is not connected; null while it is.</summary>
    public string? Broker
    {
        get => broker;
        set => broker = value;
    }

    public string? Problem => Ready ? null : string.Join(' ', Problems);

    public bool Ready => Problems.Count == 0;

    public IReadOnlyList<string> Problems => [.. new[] { journal, broker }.OfType<string>()];
}
