using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts.OnCall;
using Facility.Contracts.Rest;
using Facility.Domain.Configuration;
using Facility.Domain.Incidents;
using Facility.Domain.OnCall;
using Facility.Server.Commands;
using Facility.Server.Places;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>The on-call file as people change it while the server runs: checked, written, and kept as a revision.</summary>
public sealed class OnCallConfiguration(OnCallFile file, OnCallRules rules, IOnCallRevisions revisions)
{
    private readonly Lock _saving = new();

    public ConfigurationState? Current => revisions.Newest() is { } newest ? Shown(newest) : null;

    public RevisionList Revisions => new([.. revisions.Revisions().Select(r => new RevisionLine(r.Number, r.At, r.Who, r.Note))]);

    /// <summary>A revision with what it changed; null where there is none of that number.</summary>
    public ConfigurationState? Find(long number) => revisions.Revisions(number) is [var found]
        ? Shown(found) with { Changes = Differences.Between(revisions.Revisions(number - 1) is [var before] ? JsonNode.Parse(before.Document) : null, JsonNode.Parse(found.Document)) }
        : null;

    public ConfigurationCheck Check(JsonElement? draft)
    {
        var (document, problems, warnings) = file.Examine(Drafts.Text(draft));
        return new ConfigurationCheck(problems, warnings, document is null || problems.Count > 0 ? [] : Differences.Between(Node(rules.Current?.Document), Node(document)));
    }

    public SaveAnswer Save(ConfigurationDraft draft, string who)
    {
        var (document, problems, _) = file.Examine(Drafts.Text(draft.Document));
        return document is null || problems.Count > 0
            ? new SaveAnswer(Problems: problems)
            : Change((_, ruling) => ruling == draft.BasedOn ? (document, null) : (null, new SaveAnswer(Conflict: ruling)), who, PersonText.Note(draft.Note) ?? "");
    }

    /// <summary>Makes a revision of what rules.</summary>
    /// <param name="change">What rules and its number, to what is to rule, or why not.</param>
    public SaveAnswer Change(Func<OnCallDocument?, long, (OnCallDocument? Next, SaveAnswer? Refusal)> change, string who, string note)
    {
        lock (_saving)
        {
            var ruling = rules.Current?.Document;
            var (next, refusal) = change(ruling, revisions.Newest()?.Number ?? 0);
            if (next is null)
            {
                return refusal!;
            }

            try
            {
                rules.Save(next, who, note);
                return new SaveAnswer(Current);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new SaveAnswer(Unavailable: $"the on-call file cannot be written: {e.Message} Give the server a file that it may write with --on-call.");
            }
        }
    }

    /// <summary>Adds shifts to a roster's overrides. What is over by now is left out of the file; revisions keep it.</summary>
    public static OnCallDocument WithOverrides(OnCallDocument document, string roster, IReadOnlyCollection<Shift> shifts, DateTimeOffset now)
    {
        var zone = new Escalation(document).Zone;
        bool IsComing(Shift shift) => RosterClock.Instant(shift.Until, zone) > now.AddDays(-7);
        return document with
        {
            Rosters = [.. document.Rosters.Select(r => r.Id == roster ? r with { Overrides = [.. (r.Overrides ?? []).Where(IsComing), .. shifts] } : r)],
        };
    }

    private static ConfigurationState Shown(OnCallRevision revision) =>
        new(revision.Number, revision.At, revision.Who, revision.Note, JsonElement.Parse(revision.Document));

    private static JsonNode? Node(OnCallDocument? document) => document is null ? null : JsonSerializer.SerializeToNode(document, PrettyJson.Default.OnCallDocument);
}
