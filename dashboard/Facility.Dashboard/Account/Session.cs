using System.Net;
using System.Net.Http.Json;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Dashboard.Live;

namespace Facility.Dashboard.Account;

/// <summary>Who has signed in at this browser, and what that person may do. The server decides; this decides what is shown.</summary>
public sealed class Session(HttpClient http, SessionRights rights)
{
    private Task? loading;

    public event Action? Changed;

    /// <summary>Null until the server has told.</summary>
    public SessionState? State { get; private set; }

    /// <summary>Null for who has not signed in.</summary>
    public string? Name => State?.Name;

    public string Role => State?.Role ?? "anonymous";

    public bool IsSignedIn => Name is not null;

    /// <param name="right">Such as <c>see-incidents</c>.</param>
    public bool May(string right) => State?.Rights.Contains(right) == true;

    /// <summary>Asks the server once; a server that does not answer is asked again next time.</summary>
    public Task LoadAsync() => loading ??= AskAsync();

    /// <summary>Signs in.</summary>
    /// <returns>Null when it went well, else what the server says is wrong.</returns>
    public async Task<string?> SignInAsync(SignIn with)
    {
        using var answer = await http.PostAsJsonAsync("v1/session", with, ApiJson.Default.SignIn);
        return await TakeAsync(answer);
    }

    /// <summary>Signs out; the address of the provider where one has to sign out too, or null.</summary>
    public async Task<string?> SignOutAsync()
    {
        using var answer = await http.DeleteAsync(new Uri("v1/session", UriKind.Relative));
        var next = answer.StatusCode == HttpStatusCode.OK ? (await answer.Content.ReadFromJsonAsync(ApiJson.Default.SignedOut))?.Next : null;
        await AskAsync();
        return next;
    }

    /// <summary>Takes what an answer tells of the session.</summary>
    /// <returns>Null when it went well, else what the server says is wrong.</returns>
    public async Task<string?> TakeAsync(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode)
        {
            return await Refusals.ReasonAsync(answer);
        }

        Take(await answer.Content.ReadFromJsonAsync(ApiJson.Default.SessionState));
        return null;
    }

    private async Task AskAsync()
    {
        try
        {
            Take(await http.GetFromJsonAsync("v1/session", ApiJson.Default.SessionState));
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException)
        {
            loading = null;
        }
    }

    private void Take(SessionState? state)
    {
        State = state;
        rights.Antiforgery = state?.Antiforgery;
        Changed?.Invoke();
    }
}

/// <summary>What every request that changes something carries.</summary>
public sealed class SessionRights
{
    public string? Antiforgery { get; set; }
}

/// <summary>Adds the antiforgery header to what changes something: no other site's page can.</summary>
public sealed class AntiforgeryHandler(SessionRights rights) : DelegatingHandler(new HttpClientHandler())
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Get && rights.Antiforgery is { } token)
        {
            request.Headers.TryAddWithoutValidation("X-Antiforgery", token);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
