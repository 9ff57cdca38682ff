using System.Net.Http.Headers;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Adapters;
using Facility.Server.Api.Access;
using Facility.Server.Ports;
using Facility.Tests.Unit.Places;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Facility.Tests.Unit.Access;

/// <summary>Callers of an API under test, by real tokens in an <c>access.db</c> that is only in memory.</summary>
internal static class TestAccess
{
    public static IServiceCollection AddTestAccess(this IServiceCollection services) => services
        .AddSingleton(_ => new AccessFile(":memory:")).AddSingleton<ITokens, SqliteTokens>().AddSingleton<IAudit, SqliteAudit>()
        .AddSingleton<ISessions, SqliteSessions>().AddSingleton<IInvitations, SqliteInvitations>().AddSingleton<IAccounts, SqliteAccounts>()
        .AddSingleton(new Facility.Server.ServerOptions()).AddPasswords<SqliteAccounts>();

    /// <summary>A client with a token of its own; of all sites, where none are named.</summary>
    public static HttpClient SignedIn(this WebApplication app, string name = "test", Role role = Role.Administrator, params string[] sites)
    {
        var http = app.Anonymous();
        var time = app.Services.GetRequiredService<TimeProvider>();
        var (token, _, problem) = NewTokens.Make(
            app.Services.GetRequiredService<ITokens>(), new NewToken(name, AccessTable.NameOf(role), sites.Length == 0 ? null : sites), "test", time.GetUtcNow());
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token ?? throw new InvalidOperationException(problem));
        return http;
    }

    public static HttpClient Anonymous(this WebApplication app) => new() { BaseAddress = new Uri(app.Urls.First()) };

    /// <summary>Makes a hub connection sign as a client does.</summary>
    public static void Signs(this HttpClient http, HttpConnectionOptions options)
    {
        if (http.DefaultRequestHeaders.Authorization is { } authorization)
        {
            options.Headers["Authorization"] = authorization.ToString();
        }
    }
}

/// <summary>The five sites of the seeds.</summary>
internal sealed class SeedSites : ISitesDirectory
{
    public SitesDocument Current { get; } = Seeds.Sites;
}

/// <summary>Some devices, which nothing happens to.</summary>
internal sealed class TheseDevices(params IEnumerable<DeviceState> devices) : IDeviceDirectory
{
    public event Action<string, string>? Changed
    {
        add { }
        remove { }
    }

    public IReadOnlyList<DeviceState> All() => [.. devices];

    public IReadOnlyList<DeviceState> Of(IReadOnlySet<string> sites) => [];

    public DeviceState? Of(string site, string device) => null;
}
