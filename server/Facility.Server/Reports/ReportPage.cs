using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Facility.Contracts.Rest;
using Facility.Domain.Trends;
using Facility.Server.Api;

namespace Facility.Server.Reports;

/// <summary>The report of a month as one page to print on A4: pictures first, plain Dutch, each figure with its interval and what it rests on.</summary>
internal static class ReportPage
{
    private const string Style = """
        @page{size:A4;margin:14mm}*{box-sizing:border-box}
        body{font:15px/1.45 system-ui,'DejaVu Sans',sans-serif;color:#1c2b33;max-width:780px;margin:24px auto;padding:0 16px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
        header{border-bottom:3px solid #0b5563;margin-bottom:16px}h1{margin:0;font-size:28px;line-height:1.2}header p{margin:2px 0 10px;color:#5b6b73}
        h2{font-size:18px;margin:22px 0 2px;color:#0b5563}section{break-inside:avoid}section>p{margin:0 0 8px}
        .tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:10px}.tile{background:#eef5f6;border-radius:8px;padding:10px 12px}
        .tile b{display:block;font-size:26px;line-height:1.15;color:#0b5563}.tile small{display:block;font-size:12px;color:#5b6b73;line-height:1.3;margin-top:3px}
        svg{width:100%;height:auto;display:block}svg text{font-size:11px;fill:#1c2b33}.mid{text-anchor:middle}.end{text-anchor:end}.strong{font-weight:700}
        svg .faint{fill:#5b6b73}svg .white{fill:#fff}.grid{stroke:#dfe7ea}.bar{fill:#0b7285}.pale{fill:#7fb8c2}.back{fill:#eef5f6}.whisker{stroke:#d97706;stroke-width:2}
        table{border-collapse:collapse;width:100%;font-size:13.5px}th{text-align:left;font-weight:600;color:#5b6b73}td,th{padding:4px 8px 4px 0;border-bottom:1px solid #dfe7ea}
        td.n,th.n{text-align:right}td{white-space:nowrap}th{vertical-align:bottom}.note{color:#5b6b73;font-size:13px}footer{margin-top:22px;border-top:1px solid #dfe7ea;padding-top:8px;break-inside:avoid}footer li{margin:3px 0}
        @media print{body{margin:0;max-width:none;padding:0}}
        """;

    /// <summary>This page's own style, and nothing else.</summary>
    public static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; frame-ancestors 'none'; base-uri 'none'";

    public static string Write(MonthReport r)
    {
        var (month, name) = (Dutch.Month(r.First), Dutch.Safe(r.Site.Name));
        var page = new StringBuilder($"<!DOCTYPE html><html lang='nl'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>{name}, {month}</title><style>{Style}</style></head><body>");
        page.Append(CultureInfo.InvariantCulture, $"<header><h1>{name}</h1><p>Maandverslag {month}{(r.IsWhole ? "" : $", t/m {Dutch.Day(r.Last)}")}</p></header>");
        Tiles(page, r);
        page.Append("<section><h2>Bezoeken per dag</h2>");
        page.Append(r.Days.Points.Count == 0 ? "<p>In deze maand is niemand geteld.</p>"
            : "<p>Elke balk is een dag; weekenden zijn lichter. De oranje streep laat zien tussen welke aantallen het echte aantal zeer waarschijnlijk lag.</p>" + ReportPictures.Days(r));
        page.Append("</section><section><h2>Wanneer is het druk?</h2>");
        page.Append(r.Staffing.Cells.Count == 0 ? "<p>Over deze maand is niet bekend hoeveel mensen er waren.</p>"
            : "<p>Gemiddeld aantal mensen binnen, per weekdag en uur. Hoe donkerder, hoe drukker; met oranje rand: er is personeel.</p>" + ReportPictures.Week(r));
        Staff(page, r);
        page.Append("</section>");
        Rooms(page, r);
        Bookings(page, r);
        Basis(page, r);
        return page.Append("</body></html>").ToString();
    }

    private static void Tiles(StringBuilder page, MonthReport r)
    {
        page.Append("<div class='tiles'>");
        if (r.Total is { } total)
        {
            Tile(Dutch.Count(total.Visits), $"bezoeken<br>waarschijnlijk {Dutch.Count(total.Low)} tot {Dutch.Count(total.High)}");
            var busiest = r.Days.Points.MaxBy(p => p.Visits)!;
            Tile(Dutch.Count(busiest.Visits), $"op de drukste dag, {Dutch.WeekdayAndDay(busiest.From)}<br>waarschijnlijk {Dutch.Count(busiest.Low)} tot {Dutch.Count(busiest.High)}");
        }

        if (r.Use.SingleOrDefault(u => u is { Zone: Contracts.Places.Site.WholeSite, Part: ZoneUse.WholeDay }) is { Mean: { } mean } site)
        {
            Tile(Dutch.Persons(mean), $"mensen tegelijk binnen, gemiddeld als het open is<br>waarschijnlijk {Dutch.Persons(site.Low!.Value)} tot {Dutch.Persons(site.High!.Value)}");
            Tile(Dutch.Percent(site.Above80!.Value), $"van de openingstijd meer dan 80% vol (van {Dutch.Count(r.Site.Capacity)})<br>ruim gerekend {Dutch.Percent(site.Above80High!.Value)}");
        }

        page.Append("</div>");
        if (r is { Total: { } now, Before: { } before, IsWhole: true })
        {
            // Only what the intervals can tell apart is called a change.
            var words = now.Low > before.High ? "meer dan" : now.High < before.Low ? "minder dan" : "niet aantoonbaar anders dan";
            page.Append(CultureInfo.InvariantCulture, $"<p>Dat is <b>{words}</b> in {Dutch.Month(before.From)}: toen {Dutch.Count(before.Visits)} bezoeken (waarschijnlijk {Dutch.Count(before.Low)} tot {Dutch.Count(before.High)}).</p>");
        }

        void Tile(string figure, string words) => page.Append(CultureInfo.InvariantCulture, $"<div class='tile'><b>{figure}</b><small>{words}</small></div>");
    }

    private static void Staff(StringBuilder page, MonthReport r)
    {
        if (r.Staffing.Totals is [{ Staffed: true } with, { Staffed: false } without])
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class='note'>Met personeel: gemiddeld {Mean(with)} over {Dutch.Count(with.Hours)} uur. Zonder personeel, als het open was of er iemand was: {Mean(without)} over {Dutch.Count(without.Hours)} uur.</p>");
        }

        static string Mean(StaffingTotal t) => $"{Dutch.Persons(t.PersonHours / t.Hours)} mensen (waarschijnlijk {Dutch.Persons(t.Low / t.Hours)} tot {Dutch.Persons(t.High / t.Hours)})";
    }

    private static void Rooms(StringBuilder page, MonthReport r)
    {
        if (!r.Use.Any(u => u.Zone != Contracts.Places.Site.WholeSite))
        {
            return;
        }

        page.Append("<section><h2>Gebruik van de ruimtes</h2><p>Deel van de openingstijd dat er iemand was. De oranje streep loopt van zeker tot mogelijk in gebruik.</p>");
        page.Append(ReportPictures.Rooms(r));
        page.Append("<table><tr><th>In gebruik per dagdeel</th><th class='n'>ochtend</th><th class='n'>middag</th><th class='n'>avond</th><th class='n'>boven 80% vol</th></tr>");
        foreach (var zone in r.Site.Zones)
        {
            UseRow? Part(string part) => r.Use.SingleOrDefault(u => u.Zone == zone.Id && u.Part == part);
            string Cell(UseRow? use) => use is null ? "–" : $"{Dutch.Percent(use.InUse)} <span class='note'>({Dutch.Count(use.InUseLow * 100)}–{Dutch.Count(use.InUseHigh * 100)})</span>";
            var full = Part(ZoneUse.WholeDay) is { Above80: { } above, Above80High: { } high } ? $"{Dutch.Percent(above)} <span class='note'>(ruim {Dutch.Count(high * 100)})</span>" : "–";
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Dutch.Safe(zone.Name)}{(zone.Private ? " <span class='note'>besloten</span>" : "")}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td class='n'>{Cell(Part("morning"))}</td><td class='n'>{Cell(Part("afternoon"))}</td><td class='n'>{Cell(Part("evening"))}</td><td class='n'>{full}</td></tr>");
        }

        page.Append("</table></section>");
    }

    private static void Bookings(StringBuilder page, MonthReport r)
    {
        if (r.Booked.Calendars.Count == 0)
        {
            return;
        }

        string Name(string id) => Dutch.Safe(r.Site.Zones.Single(z => z.Id == id).Name);
        page.Append("<section><h2>Geboekt en gebruikt</h2><p>Van elke boeking is gekeken of er iemand was, en hoe vol de ruimte dan gemiddeld was.</p>");
        if (r.Booked.Rooms.Count > 0)
        {
            page.Append("<table><tr><th>Ruimte</th><th class='n'>boekingen</th><th class='n'>niemand gezien</th><th class='n'>onbekend</th><th class='n'>hoe vol</th><th class='n'>uren geboekt</th><th class='n'>daarvan gebruikt</th><th class='n'>uren zonder boeking</th></tr>");
            foreach (var room in r.Booked.Rooms)
            {
                var own = r.Booked.Bookings.Where(b => b.Zone == room.Zone).ToArray();
                var full = own.Where(b => b.Fullness is not null).ToArray();
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Name(room.Zone)}</td><td class='n'>{room.Bookings}</td><td class='n'>{room.NoShows}</td><td class='n'>{own.Count(b => b.Outcome == BookedAgainstUsed.Unknown)}</td>");
                page.Append(CultureInfo.InvariantCulture, $"<td class='n'>{(full.Length == 0 ? "–" : Fullness(r, room.Zone, full))}</td>");
                page.Append(CultureInfo.InvariantCulture, $"<td class='n'>{Dutch.Persons(room.Booked)}</td><td class='n'>{Dutch.Persons(room.Used)}</td><td class='n'>{Dutch.Persons(room.Unbooked)}</td></tr>");
            }

            page.Append("</table>");
        }

        foreach (var broken in r.Booked.Calendars.Where(c => c.Problem is not null))
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class='note'>De agenda van {Name(broken.Zone)} kon niet worden gelezen{(broken.FetchedAt is { } at ? $"; gebruikt is die van {Dutch.Day(DateOnly.FromDateTime(at.DateTime))}" : "")}.</p>");
        }

        page.Append("</section>");
    }

    // Of bookings that were used: their mean, and the means of both ends of their interval.
    private static string Fullness(MonthReport r, string zone, BookedActivity[] used)
    {
        var capacity = r.Site.Zones.Single(z => z.Id == zone).Capacity!.Value;
        return $"{Dutch.Percent(used.Average(b => b.Fullness!.Value))} <span class='note'>({Dutch.Count(used.Average(b => b.Low!.Value) / capacity * 100)}–{Dutch.Count(used.Average(b => b.High!.Value) / capacity * 100)})</span>";
    }

    private static void Basis(StringBuilder page, MonthReport r)
    {
        page.Append("<footer><h2>Waar rusten deze cijfers op?</h2><ul class='note'>");
        page.Append(r.Days.Basis.Kind == DoorBasis.Imbalance
            ? $"<li><b>Bezoeken</b> zijn mensen die door een buitendeur naar binnen gingen. De marge is geleerd uit {r.Days.Basis.Days} dagen waarop in en uit gelijk hadden moeten zijn; in was {Dutch.Percent(Math.Abs(r.Days.Basis.Share))} {(r.Days.Basis.Share < 0 ? "minder" : "meer")} dan uit, van alle passages.</li>"
            : "<li><b>Bezoeken</b> zijn mensen die door een buitendeur naar binnen gingen. Er zijn nog te weinig dagen geteld om de marge te leren; aangenomen is 5%.</li>");
        page.Append(r.Basis == SiteEndpoints.Reconciled
            ? "<li><b>Aanwezigen</b> zijn geschat uit deuren en melders, en achteraf per dag kloppend gemaakt.</li>"
            : "<li><b>Aanwezigen</b> zijn geschat uit deuren en melders zoals het op dat moment bekend was; nog niet achteraf kloppend gemaakt.</li>");
        var known = r.Use.SingleOrDefault(u => u is { Zone: Contracts.Places.Site.WholeSite, Part: ZoneUse.WholeDay })?.Hours ?? 0;
        page.Append(CultureInfo.InvariantCulture, $"<li>Er is iets bekend over {Dutch.Count(known)} uur openingstijd; de rest telt nergens mee.</li>");
        page.Append("<li><b>Waarschijnlijk</b>: in 9 van de 10 gevallen ligt het echte aantal ertussen. Bij gemiddelden is het de gemiddelde onder- en bovengrens. <b>Ruim gerekend</b> gaat van de bovengrens uit.</li>");
        page.Append("<li>Een kwartier telt als in gebruik als er gemiddeld een halve persoon of meer was. Wat in en uit allebei missen, is zo niet te zien.</li>");
        page.Append("<li>Van besloten ruimtes is alleen bekend of ze vrij of in gebruik waren. Niemand is herkenbaar: er worden passages geteld, geen personen.</li></ul></footer>");
    }
}
