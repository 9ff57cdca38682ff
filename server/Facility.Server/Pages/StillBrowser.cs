using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace Facility.Server.Pages;

/// <summary>The address of a page that is drawn once: nobody goes anywhere.</summary>
internal sealed class StillNavigation : NavigationManager
{
    public StillNavigation(string baseUri, string uri) => Initialize(baseUri, uri);

    /// <summary>Where the page sends its reader instead of showing itself; null for nowhere.</summary>
    public string? SentTo { get; private set; }

    protected override void NavigateToCore(string uri, NavigationOptions options) => SentTo = ToAbsoluteUri(uri).PathAndQuery;
}

/// <summary>What pages ask of a browser, where there is none: every answer is empty.</summary>
internal sealed class StillBrowser : IJSRuntime, INavigationInterception, IScrollToLocationHash
{
    public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => new(default(TValue)!);

    public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) => new(default(TValue)!);

    public Task EnableNavigationInterceptionAsync() => Task.CompletedTask;

    public Task RefreshScrollPositionForHash(string locationAbsolute) => Task.CompletedTask;
}
