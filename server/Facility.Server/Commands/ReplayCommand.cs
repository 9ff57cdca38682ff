using System.CommandLine;
using System.Globalization;
using Facility.Contracts;
using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Domain.Occupancy;
using Facility.Domain.Places;
using Facility.Server.Pipeline;
using Facility.Server.Places;
using Facility.Server.Ports;

namespace Facility.Server.Commands;

/// <summary>
/// <c>facility-server replay</c>: recorded events through the server's own estimator, as rows
/// <c>at,site,zone,estimate,low,high</c> at each whole multiple of <c>--every</c> from the first to the last receipt.
/// Rooms that the API shows only as free or in use have their numbers here: the file is the analyst's own.
/// </summary>
public static class ReplayCommand
{
    private const int BadInput = 2;

    public static Command Create()
    {
        var sites = new Option<string>("--sites") { Required = true, Description = "The sites file" };
        var events = new Option<string>("--events") { Required = true, Description = "Recorded batches and counts, a JSON line each, in order of arrival" };
        var every = new Option<string>("--every") { DefaultValueFactory = _ => "60s", Description = "Time between rows: 30s, 5m, 1h" };
        var basis = new Option<string>("--basis") { DefaultValueFactory = _ => "live", Description = "live (as it was known then) or reconciled (with hindsight)" };
        basis.AcceptOnlyFromAmong("live", "reconciled");
        var output = new Option<string>("--out") { Required = true, Description = "The CSV file to write" };
        var command = new Command("replay", "Runs recorded events through the occupancy estimator") { sites, events, every, basis, output };
        command.SetAction(parsed => Run(
            parsed.GetValue(sites)!, parsed.GetValue(events)!, parsed.GetValue(every)!, parsed.GetValue(basis)!, parsed.GetValue(output)!, Console.Error));
        return command;
    }

    /// <returns>The exit code: 0, or 2 for bad input, which is then told on <paramref name="errors"/>.</returns>
    public static int Run(string sitesPath, string eventsPath, string every, string basis, string outPath, TextWriter errors)
    {
        if (ParseEvery(every) is not { } step)
        {
            errors.WriteLine($"--every {every} is not a whole number of seconds, minutes or hours from 1s to 24h, such as 60s");
            return BadInput;
        }

        var number = 0L;
        try
        {
            var loaded = SitesFile.Load(sitesPath);
            foreach (var warning in loaded.Warnings)
            {
                errors.WriteLine("warning: " + warning);
            }

            var lines = new ReplayLines(loaded.Document);
            using var reader = new StreamReader(eventsPath);
            using var writer = new StreamWriter(outPath) { NewLine = "\n" };
            writer.WriteLine("at,site,zone,estimate,low,high");
            var entries = Entries();
            if (basis == "live")
            {
                Live(loaded.Document, entries, step, writer);
            }
            else
            {
                Hindsight(loaded.Document, entries, step, writer);
            }

            errors.WriteLine($"{number} lines read{string.Concat(lines.Counts.Select(c => $", {c.Value} {c.Key}"))}");
            return 0;

            IEnumerable<JournalEntry> Entries()
            {
                while (reader.ReadLine() is { } line)
                {
                    number++;
                    if (number % 10_000 == 0)
                    {
                        errors.WriteLine($"{number} lines ...");
                    }

                    if (!string.IsNullOrWhiteSpace(line))
                    {
                        foreach (var entry in lines.Read(line))
                        {
                            yield return entry;
                        }
                    }
                }
            }
        }
        catch (ReplayException e)
        {
            errors.WriteLine($"{eventsPath}, line {number}: {e.Message}");
        }
        catch (Exception e) when (e is SitesFileException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(e.Message);
        }

        return BadInput;
    }

    private static void Live(SitesDocument sites, IEnumerable<JournalEntry> entries, TimeSpan every, StreamWriter writer)
    {
        var estimates = new SiteEstimates(sites);
        var changes = new List<OccupancyChange>();
        var facts = new List<SiteFact>();
        DateTimeOffset? next = null;
        DateTimeOffset? last = null;
        foreach (var entry in entries)
        {
            next ??= FirstRow(entry.Received, every);
            Rows(entry.Received, inclusive: false);
            estimates.Take(entry, changes, facts);
            changes.Clear();
            facts.Clear();
            last = entry.Received;
        }

        if (last is { } end)
        {
            Rows(end, inclusive: true);
        }

        void Rows(DateTimeOffset until, bool inclusive)
        {
            for (; next < until || (inclusive && next == until); next += every)
            {
                estimates.AdvanceTo(next.Value, changes);
                foreach (var site in sites.Sites)
                {
                    foreach (var e in estimates.Read(site.Id))
                    {
                        Row(writer, next.Value, site.Id, e.Zone, new EstimateStep(next.Value, e.Estimate, e.Low, e.High));
                    }
                }
            }
        }
    }

    private static void Hindsight(SitesDocument sites, IEnumerable<JournalEntry> entries, TimeSpan every, StreamWriter writer)
    {
        var observations = sites.Sites.ToDictionary(s => s.Id, s => new SiteObservations(s));
        var days = sites.Sites.ToDictionary(s => s.Id, _ => new SortedDictionary<DateOnly, List<DayFact>>());
        DateTimeOffset? first = null;
        DateTimeOffset? last = null;
        foreach (var entry in entries)
        {
            first ??= entry.Received;
            last = entry.Received;
            foreach (var fact in observations[entry.Site].Of(entry).Select(DayFact.Of).OfType<DayFact>())
            {
                var day = Reconciler.DayOf(fact.At, OpeningHours.ZoneOf(sites.Sites.First(s => s.Id == entry.Site)));
                if (!days[entry.Site].TryGetValue(day, out var list))
                {
                    days[entry.Site][day] = list = [];
                }

                list.Add(fact);
            }
        }

        var tracks = sites.Sites.SelectMany(site => Tracks(site, days[site.Id])).ToArray();
        for (var at = first is { } start ? FirstRow(start, every) : DateTimeOffset.MaxValue; at <= last; at += every)
        {
            foreach (var track in tracks)
            {
                Row(writer, at, track.Site, track.Zone, track.At(at));
            }
        }
    }

    private static IEnumerable<Track> Tracks(Site site, SortedDictionary<DateOnly, List<DayFact>> days)
    {
        var zone = OpeningHours.ZoneOf(site);
        var steps = days.SelectMany(d => Reconciler.Reconcile(
            site, d.Value, Reconciler.StartOf(d.Key, zone), Reconciler.StartOf(d.Key.AddDays(1), zone))).ToLookup(s => s.Zone, s => s.Step);
        return site.Zones.Select(z => z.Id).Prepend(Site.WholeSite).Select(z => new Track(site.Id, z, [.. steps[z]]));
    }

    private static void Row(StreamWriter writer, DateTimeOffset at, string site, string zone, EstimateStep e) =>
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Rfc3339.Format(at)},{site},{zone},{e.Estimate},{e.Low},{e.High}"));

    private static DateTimeOffset FirstRow(DateTimeOffset first, TimeSpan every) =>
        new((first.UtcTicks + every.Ticks - 1) / every.Ticks * every.Ticks, TimeSpan.Zero);

    private static TimeSpan? ParseEvery(string text)
    {
        var unit = text.Length > 1 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 } : 0;
        return unit > 0 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 && (long)n * unit <= 86400
            ? TimeSpan.FromSeconds(n * unit)
            : null;
    }

    /// <summary>A zone's steps, read forwards.</summary>
    private sealed class Track(string site, string zone, EstimateStep[] steps)
    {
        private int _next;
        private EstimateStep _current;

        public string Site => site;

        public string Zone => zone;

        public EstimateStep At(DateTimeOffset at)
        {
            while (_next < steps.Length && steps[_next].At <= at)
            {
                _current = steps[_next++];
            }

            return _current;
        }
    }
}
