using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Configuration;
using Facility.Domain.Incidents;
using Facility.Domain.Ingestion;
using Facility.Server.Commands;
using Facility.Server.Ports;

namespace Facility.Server.Places;

/// <summary>What became of a save: exactly one is not null.</summary>
/// <param name="Conflict">The revision that rules, where it is not the one that the draft was made from.</param>
/// <param name="Unavailable">Why it cannot be saved now.</param>
public sealed record SaveAnswer(ConfigurationState? Saved = null, IReadOnlyList<ConfigurationProblem>? Problems = null, long? Conflict = null, string? Unavailable = null);

/// <summary>A document as a body of the API holds it.</summary>
internal static class Drafts
{
    /// <summary>Its JSON. A body without a document holds one that is nothing, which the checks have words for.</summary>
    public static string Text(JsonElement? document) => document is { ValueKind: not JsonValueKind.Undefined } given ? given.GetRawText() : "null";
}

/// <summary>
/// The sites as people change them while the server runs: a draft is checked, then it is an entry of the journal, and rules from that
/// entry on for all that follows the journal.
/// </summary>
public sealed class SitesConfiguration(ISitesDirectory sites, ISitesRevisions revisions, IFactJournal journal) : IDisposable
{
    // One save at a time: the second of two finds that another revision rules.
    private readonly SemaphoreSlim _saving = new(1);

    public ConfigurationState Current => revisions.Newest() is { } newest ? Shown(newest) : new ConfigurationState(0, default, "", "", Json(sites.Current));

    public RevisionList Revisions => new([.. revisions.Revisions().Select(r => new RevisionLine(r.Number, r.At, r.Revised.Who, r.Revised.Note))]);

    /// <summary>A revision with what it changed; null where there is none of that number.</summary>
    public ConfigurationState? Find(long number) => revisions.Revisions(number) is [var found]
        ? Shown(found) with { Changes = Differences.Between(Node(revisions.Revisions(number - 1) is [var before] ? before.Revised.Document : null), Node(found.Revised.Document)) }
        : null;

    public ConfigurationCheck Check(JsonElement? draft)
    {
        var (document, problems, warnings) = SitesFile.Examine(Drafts.Text(draft));
        return document is null || problems.Count > 0
            ? new ConfigurationCheck(problems, warnings, [])
            : new ConfigurationCheck([], [.. warnings, .. SitesWarnings.Of(sites.Current, document)], Differences.Between(Node(sites.Current), Node(document)));
    }

    public async Task<SaveAnswer> SaveAsync(ConfigurationDraft draft, string who, CancellationToken cancellation)
    {
        var (document, problems, _) = SitesFile.Examine(Drafts.Text(draft.Document));
        if (document is null || problems.Count > 0)
        {
            return new SaveAnswer(Problems: problems);
        }

        await _saving.WaitAsync(cancellation);
        try
        {
            if (Current.Revision is var ruling && ruling != draft.BasedOn)
            {
                return new SaveAnswer(Conflict: ruling);
            }

            await journal.AppendAsync("", "", new SitesRevised(document, who, PersonText.Note(draft.Note) ?? ""), cancellation);
            return new SaveAnswer(Current);
        }
        finally
        {
            _saving.Release();
        }
    }

    public void Dispose() => _saving.Dispose();

    private static ConfigurationState Shown(SitesRevision revision) =>
        new(revision.Number, revision.At, revision.Revised.Who, revision.Revised.Note, Json(revision.Revised.Document));

    private static JsonElement Json(SitesDocument document) => JsonSerializer.SerializeToElement(document, PrettyJson.Default.SitesDocument);

    private static JsonNode? Node(SitesDocument? document) => document is null ? null : JsonSerializer.SerializeToNode(document, PrettyJson.Default.SitesDocument);
}
