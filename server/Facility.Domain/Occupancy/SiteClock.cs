using Facility.Contracts.Places;
using Facility.Domain.Places;

namespace Facility.Domain.Occupancy;

/// <summary>What a site's hours say of each minute.</summary>
internal sealed class SiteClock(Site site)
{
    private const int NightHour = 4;
    private readonly TimeZoneInfo _zone = OpeningHours.ZoneOf(site);
    private readonly bool _known = OpeningHours.AreKnown(site);

    public Hours Of(DateTimeOffset minute)
    {
        var open = OpeningHours.IsOpen(site, _zone, minute);
        var local = TimeZoneInfo.ConvertTime(minute, _zone).TimeOfDay;
        return open ? Hours.Open
            : local == TimeSpan.FromHours(NightHour) ? Hours.Night
            : _known ? Hours.Closed
            : local.Hours is >= 21 or < 7 ? Hours.Late
            : Hours.Open;
    }
}
