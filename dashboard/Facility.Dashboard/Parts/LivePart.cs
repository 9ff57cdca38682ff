using Facility.Dashboard.Live;
using Microsoft.AspNetCore.Components;

namespace Facility.Dashboard.Parts;

/// <summary>A component that draws itself again whenever the live state changes.</summary>
public abstract class LivePart : ComponentBase, IDisposable
{
    [Inject]
    public required LiveConnection Live { get; set; }

    protected override void OnInitialized() => Live.Changed += Redraw;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Live.Changed -= Redraw;

    protected void Redraw() => _ = InvokeAsync(StateHasChanged);
}
