using Facility.Dashboard.Account;
using Facility.Dashboard.Live;

namespace Facility.Dashboard;

/// <summary>What the pages need, in a browser and where the server draws them; the <see cref="HttpClient"/> to the API is the host's own.</summary>
public static class DashboardServices
{
    public static IServiceCollection AddDashboard(this IServiceCollection services) => services
        .AddSingleton(TimeProvider.System)
        .AddSingleton<SessionRights>()
        .AddScoped<Session>()
        .AddScoped<Answers>()
        .AddScoped<Viewer>()
        .AddScoped<LiveConnection>()
        .AddScoped<Office.OfficeApi>()
        .AddScoped<Outbox>()
        .AddScoped<Attention>();
}
