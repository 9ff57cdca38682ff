using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts;
using Facility.Contracts.Rest;

namespace Facility.Dashboard.Office;

/// <summary>
/// A document that somebody changes: the revision it was made from, what was changed in it so far, and what the server says of that.
/// It is JSON, so that what this version of the page does not know stays as it is.
/// </summary>
/// <param name="path">Of the API: <c>v1/configuration</c> or <c>v1/on-call/roster-file</c>.</param>
public sealed class Draft(OfficeApi api, string path)
{
    /// <summary>What rules, and what this was made from; null until it is read, and where there is none.</summary>
    public ConfigurationState? Ruling { get; private set; }

    public JsonObject Document { get; private set; } = [];

    /// <summary>What the server said of the document as it is; null when it was changed since.</summary>
    public ConfigurationCheck? Check { get; private set; }

    /// <summary>Problems of the last check or save; they stay until the next, so that one can work through them.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; private set; } = [];

    public IReadOnlyList<RevisionLine> Revisions { get; private set; } = [];

    /// <summary>What went wrong, for a person.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The revision that was saved last on this page.</summary>
    public long? Saved { get; private set; }

    public bool IsRead { get; private set; }

    public bool IsBusy { get; private set; }

    public bool IsChanged => Ruling is null ? Document.Count > 0 : !JsonNode.DeepEquals(Document, JsonNode.Parse(Ruling.Document.GetRawText()));

    /// <summary>Something of it is another than it was.</summary>
    public event Action? Changed;

    /// <param name="empty">What it is where there is none yet.</param>
    public Task ReadAsync(Func<JsonObject>? empty = null) => BusyAsync(async () =>
    {
        var got = await api.GetAsync(path, ApiJson.Default.ConfigurationState);
        if (got.Value is { } ruling)
        {
            Take(ruling);
        }
        else if (got.Status == 404 && empty is not null)
        {
            Document = empty();
        }
        else
        {
            Trouble = got.Problem;
        }

        await ReadRevisionsAsync();
        IsRead = true;
    });

    /// <summary>Called by whatever changed the document.</summary>
    public void Touch()
    {
        (Check, Saved, Trouble) = (null, null, null);
        Changed?.Invoke();
    }

    public Task CheckAsync() => BusyAsync(async () =>
    {
        Saved = null;
        var got = await api.SendAsync(HttpMethod.Post, path + "/check", new ConfigurationQuestion(Json()), ApiJson.Default.ConfigurationQuestion, ApiJson.Default.ConfigurationCheck);
        (Check, Trouble) = (got.Value, got.Problem);
        Problems = got.Value?.Problems ?? got.Problems;
    });

    public Task SaveAsync(string? note) => SaveAsync(Json(), note);

    /// <summary>Makes an older revision the newest.</summary>
    public Task UndoToAsync(long revision, string note) => BusyAsync(async () =>
    {
        var old = await api.GetAsync($"{path}/revisions/{revision}", ApiJson.Default.ConfigurationState);
        if (old.Value is { } found)
        {
            await PutAsync(found.Document, note);
        }
        else
        {
            Trouble = old.Problem;
        }
    });

    /// <summary>Forgets what was changed.</summary>
    public void Forget()
    {
        if (Ruling is { } ruling)
        {
            Take(ruling);
        }

        Touch();
    }

    /// <summary>What is wrong with one key of a thing of the document; null when nothing is known to be.</summary>
    public ConfigurationProblem? ProblemOf(JsonObject thing, string key)
    {
        if (Problems.Count == 0)
        {
            return null;
        }

        var (byPlace, byName) = ($"{thing.GetPath()}.{key}", NamePath(thing, key));
        return Problems.FirstOrDefault(p => p.Path == byPlace || p.Path.StartsWith(byPlace + "[", StringComparison.Ordinal) || p.Path.StartsWith(byPlace + ".", StringComparison.Ordinal) || p.Path == byName);
    }

    private static string NamePath(JsonNode thing, string key)
    {
        var parts = new List<string> { key };
        for (JsonNode? node = thing; node?.Parent is { } parent; node = parent)
        {
            parts.Add(parent is JsonArray ? (string?)node["id"] ?? "" : node.GetPropertyName());
        }

        parts.RemoveAll(p => p.Length == 0);
        parts.Reverse();
        return string.Join('.', parts);
    }

    private Task SaveAsync(JsonElement document, string? note) => BusyAsync(() => PutAsync(document, note));

    private async Task PutAsync(JsonElement document, string? note)
    {
        var got = await api.SendAsync(
            HttpMethod.Put, path, new ConfigurationDraft(Ruling?.Revision ?? 0, document, note), ApiJson.Default.ConfigurationDraft, ApiJson.Default.ConfigurationState);
        (Trouble, Problems) = (got.Status == 409 ? OfficeWords.O("OtherRevision") : got.Problem, got.Problems);
        if (got.Value is { } saved)
        {
            Take(saved);
            Saved = saved.Revision;
            await ReadRevisionsAsync();
        }
    }

    private void Take(ConfigurationState ruling)
    {
        (Ruling, Document) = (ruling, JsonNode.Parse(ruling.Document.GetRawText())!.AsObject());
        (Check, Problems, Trouble) = (null, [], null);
    }

    private async Task ReadRevisionsAsync() =>
        Revisions = (await api.GetAsync(path + "/revisions", ApiJson.Default.RevisionList)).Value?.Revisions ?? [];

    private JsonElement Json() => JsonElement.Parse(Document.ToJsonString());

    private async Task BusyAsync(Func<Task> act)
    {
        IsBusy = true;
        Changed?.Invoke();
        try
        {
            await act();
        }
        finally
        {
            IsBusy = false;
            Changed?.Invoke();
        }
    }
}
