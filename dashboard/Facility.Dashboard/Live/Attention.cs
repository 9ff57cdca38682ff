using Facility.Contracts.Rest;
using Microsoft.JSInterop;

namespace Facility.Dashboard.Live;

/// <summary>
/// Draws a person to open incidents: a number on the app's icon and before the title, a sound for a new one (again every 20 s while an
/// urgent one is nobody's), and one sentence for a screen reader. Sound begins with a tap, as browsers ask.
/// </summary>
public sealed class Attention(LiveConnection live, IJSRuntime browser)
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(20);
    private HashSet<string>? known;
    private int badge = -1;
    private DateTimeOffset sounded;

    public bool Sound { get; private set; }

    /// <summary>The newest incident that nobody was told of here yet; read out once.</summary>
    public Incident? New { get; private set; }

    public static bool IsOpen(Incident incident) => incident.State == "open";

    public static bool IsUrgent(Incident incident) => incident.Severity == "urgent";

    public async Task ReadAsync() => Sound = await browser.InvokeAsync<string?>("facility.read", "facility.sound") == "on";

    /// <summary>Turns the sound on, and lets it be heard, or off.</summary>
    public async Task SetSoundAsync(bool on)
    {
        Sound = on;
        await browser.InvokeVoidAsync("facility.write", "facility.sound", on ? "on" : "off");
        if (on)
        {
            await browser.InvokeVoidAsync("facility.sound", false);
        }
    }

    /// <summary>Looks at what is open now.</summary>
    /// <returns>Whether there is something new to say.</returns>
    public async Task<bool> LookAsync()
    {
        var open = live.State.Incidents.Values.Where(IsOpen).ToList();
        if (open.Count != badge)
        {
            badge = open.Count;
            await browser.InvokeVoidAsync("facility.badge", badge);
        }

        // What was there when the page opened is on it: only what comes later is new.
        var fresh = known is null ? null : open.Where(incident => !known.Contains(incident.Id)).MaxBy(incident => incident.OpenedAt);
        known = live.Connected || known is not null ? [.. open.Select(incident => incident.Id)] : null;
        if (Sound && (fresh is not null || (open.Exists(IsUrgent) && live.Now - sounded > Again)))
        {
            sounded = live.Now;
            await browser.InvokeVoidAsync("facility.sound", fresh is null || IsUrgent(fresh));
        }

        New = fresh ?? New;
        return fresh is not null;
    }
}
