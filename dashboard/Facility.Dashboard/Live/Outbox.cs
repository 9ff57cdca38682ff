using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Dashboard.Account;
using Microsoft.JSInterop;

namespace Facility.Dashboard.Live;

/// <summary>What a person did about an incident and the server has not heard yet.</summary>
/// <param name="Address">Of the POST.</param>
/// <param name="Body">JSON.</param>
public sealed record PendingAct(string Incident, string Act, string Address, string Body, DateTimeOffset At);

/// <summary>
/// Acts on incidents, on their way to the server. One that finds no network is kept on this device, also when the page is closed,
/// and goes in order when the server is heard again; until then <see cref="Waiting"/> says so. What the server refuses is told, never sent again.
/// </summary>
public sealed class Outbox(HttpClient http, Viewer viewer, IJSRuntime browser, TimeProvider time)
{
    private const string Key = "facility.outbox";
    private bool sending;

    public event Action? Changed;

    /// <summary>The name that a person gave on this device.</summary>
    public string Who { get; private set; } = "";

    public ImmutableList<PendingAct> Waiting { get; private set; } = [];

    /// <summary>Why the server refused the last act on an incident, by incident.</summary>
    public ImmutableDictionary<string, string> Refused { get; private set; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Takes an act and tries at once.</summary>
    /// <returns>Whether the server has it.</returns>
    public async Task<bool> ActAsync(string incident, string act, string body)
    {
        Refused = Refused.Remove(incident);
        Waiting = Waiting.Add(new PendingAct(incident, act, $"{Addresses.Incident(incident)}/{act}", body, time.GetUtcNow()));
        await KeepAsync();
        await SendAsync();
        return !Refused.ContainsKey(incident) && !IsWaiting(incident, act);
    }

    public async Task SetWhoAsync(string who)
    {
        Who = who.Trim();
        await browser.InvokeVoidAsync("facility.write", "facility.who", Who);
    }

    /// <summary>Whether an act on an incident waits for the network.</summary>
    public bool IsWaiting(string incident, string act) => Waiting.Any(waiting => waiting.Incident == incident && waiting.Act == act);

    /// <summary>What an earlier visit left on this device.</summary>
    public async Task ReadAsync()
    {
        Who = await browser.InvokeAsync<string?>("facility.read", "facility.who") ?? "";
        try
        {
            var json = await browser.InvokeAsync<string?>("facility.read", Key);
            Waiting = json is null ? Waiting : [.. JsonSerializer.Deserialize(json, OutboxJson.Default.PendingActArray) ?? []];
        }
        catch (JsonException)
        {
            // Not ours, or of a version that nobody has: nothing can be made of it.
        }
    }

    /// <summary>Sends what waits, the oldest first, as long as the server takes it.</summary>
    public async Task SendAsync()
    {
        if (sending)
        {
            return;
        }

        sending = true;
        try
        {
            while (Waiting is [var next, ..] && await SendAsync(next))
            {
                Waiting = Waiting.Remove(next);
                await KeepAsync();
            }
        }
        finally
        {
            sending = false;
            Changed?.Invoke();
        }
    }

    private async Task<bool> SendAsync(PendingAct act)
    {
        try
        {
            // Its answer has the token that every act carries.
            await viewer.LoadAsync();
            using var content = new StringContent(act.Body, Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(act.Address, content);
            if (answer.IsSuccessStatusCode)
            {
                return true;
            }

            // The server may take it later: its journal is full, it starts, a proxy stands before it, too much was asked at once, or one must sign in again.
            if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.Unauthorized or >= HttpStatusCode.InternalServerError)
            {
                return false;
            }

            Refused = Refused.SetItem(act.Incident, await Refusals.ReasonAsync(answer));
            return true;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task KeepAsync()
    {
        await browser.InvokeVoidAsync("facility.write", Key, JsonSerializer.Serialize([.. Waiting], OutboxJson.Default.PendingActArray));
        Changed?.Invoke();
    }
}

[JsonSerializable(typeof(PendingAct[]))]
internal sealed partial class OutboxJson : JsonSerializerContext;
