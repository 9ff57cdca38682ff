using System.Text.Json.Serialization.Metadata;
using Facility.Contracts.Places;
using Facility.Dashboard.Office;
using Microsoft.AspNetCore.Components;

namespace Facility.Dashboard.Parts.Charts;

/// <summary>A picture of one answer of the API about a site in a period: it asks when it is first shown.</summary>
public abstract class TrendPicture<T> : ComponentBase
    where T : class
{
    private Answer<T>? drawn;

    [Inject]
    public required OfficeApi Api { get; set; }

    [Parameter, EditorRequired]
    public Site Site { get; set; } = null!;

    [Parameter, EditorRequired]
    public Period Period { get; set; }

    /// <summary>Of the drawing, in its own units: about as wide as the page.</summary>
    [Parameter]
    public double Width { get; set; } = 340;

    protected Answer<T>? Got { get; private set; }

    /// <summary>Where its figures are.</summary>
    protected abstract string Address { get; }

    protected abstract JsonTypeInfo<T> Type { get; }

    // Once while it waits, and once with its figures: what else changes on the page does not draw it again.
    protected override bool ShouldRender()
    {
        var isNews = !ReferenceEquals(drawn, Got);
        drawn = Got;
        return isNews;
    }

    protected override async Task OnInitializedAsync() => Got = await Api.GetAsync(Address, Type);

    protected string ZoneName(string id) => id == Site.WholeSite ? OfficeWords.O("WholeSite") : Site.Zones.FirstOrDefault(z => z.Id == id)?.Name ?? id;
}
