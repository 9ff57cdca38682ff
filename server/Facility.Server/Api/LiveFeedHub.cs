using Facility.Contracts.Live;
using Facility.Domain.Access;
using Facility.Server.Api.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.SignalR;

namespace Facility.Server.Api;

/// <summary>The live hub: a client says what it watches, and is sent the newest state of it (contract, section 5).</summary>
public sealed class LiveFeedHub(LiveFeed feed, ISitesDirectory sites, IServiceProvider services) : Hub
{
    private const int MostSites = 1000;

    public void Watch(string[]? watched)
    {
        var asked = (watched ?? []).OfType<string>().ToArray();
        if (asked.Length > MostSites)
        {
            throw new HubException($"at most {MostSites} sites can be watched");
        }

        var person = LiveView.PersonOf(Context.GetHttpContext());
        var known = sites.Current.Sites.Select(s => s.Id).Where(person.May).ToHashSet();
        var unknown = asked.FirstOrDefault(s => !known.Contains(s));
        if (unknown is not null)
        {
            throw new HubException($"there is no site {(unknown.Length > 64 ? unknown[..64] : unknown)}; there are {string.Join(", ", known.Take(MostSites))}");
        }

        var sightings = services.GetRequiredService<Sightings>();
        foreach (var right in new[] { Right.SeeIncidents, Right.SeeDevices }.Where(person.May))
        {
            sightings.Saw(person, right, LiveHub.Path);
        }

        feed.Watch(Context.ConnectionId, asked);
    }
}
