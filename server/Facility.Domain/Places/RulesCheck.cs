using System.Globalization;
using Facility.Contracts.Places;
using Facility.Domain.Alerts;

namespace Facility.Domain.Places;

/// <summary>What the JSON Schema cannot say of settings of rules and models of AEDs.</summary>
internal static class RulesCheck
{
    /// <summary>Limits that a rule has, in its own unit; the others have none to set.</summary>
    private static readonly Dictionary<string, (double Min, double Max, string Unit)> Limits = new()
    {
        [AlertRule.Crowded] = (1, 200, "percent of the capacity"),
        [AlertRule.OverCapacity] = (1, 200, "percent of the capacity"),
        [AlertRule.OverNotice] = (1, 200, "percent of the notice of use"),
        [AlertRule.AedExpiry] = (0, 365, "days"),
        [AlertRule.WhileClosed] = (0, 720, "minutes"),
        [AlertRule.AtClosing] = (1, 360, "minutes"),
        [AlertRule.ServerDisk] = (0.1, 90, "percent of the disk"),
        [AlertRule.ServerLag] = (1, 86400, "seconds"),
    };

    public static void Check(SitesDocument document, List<SitesProblem> problems)
    {
        var models = (document.AedModels ?? []).Select(m => m.Id).ToArray();
        for (var i = 0; i < models.Length; i++)
        {
            var model = document.AedModels![i];
            Refuse(Array.IndexOf(models, model.Id) < i, $"$.aedModels[{i}].id", model.Id, "the id of a model is unique; this one stands twice");
            Refuse(model.MinCelsius >= model.MaxCelsius, $"$.aedModels[{i}].minCelsius", $"{model.MinCelsius}", $"below maxCelsius, {model.MaxCelsius}");
        }

        CheckRules("$", document.Rules, null);
        for (var s = 0; s < document.Sites.Count; s++)
        {
            var site = document.Sites[s];
            CheckRules($"$.sites[{s}]", site.Rules, site);
            for (var c = 0; c < (site.Cabinets?.Count ?? 0); c++)
            {
                var model = site.Cabinets![c].Model;
                Refuse(model is not null && !models.Contains(model), $"$.sites[{s}].cabinets[{c}].model", model!,
                    $"an id of aedModels: {(models.Length == 0 ? "there is none" : string.Join(", ", models))}");
            }
        }

        void CheckRules(string path, IReadOnlyList<RuleSetting>? rules, Site? site)
        {
            for (var i = 0; i < (rules?.Count ?? 0); i++)
            {
                var (rule, at) = (rules![i], $"{path}.rules[{i}]");
                Refuse(!AlertRule.IsKnown(rule.Rule), $"{at}.rule", rule.Rule, $"one of {string.Join(", ", AlertRule.All.Keys.Order(StringComparer.Ordinal))}");
                Refuse(rules.Take(i).Any(r => r.Rule == rule.Rule && r.Zone == rule.Zone), at, rule.Rule, "a rule stands once for the same place; this one stands twice");
                Refuse(rule.Zone is not null && rule.Zone != Site.WholeSite && site?.Zones.Any(z => z.Id == rule.Zone) != true, $"{at}.zone", rule.Zone!,
                    site is null ? "no zone: what holds for all sites has none" : $"a zone of the site: site, {string.Join(", ", site.Zones.Select(z => z.Id))}");
                Refuse(rule.When is AlertLimits.Open or AlertLimits.Closed && site is not null && !OpeningHours.AreKnown(site), $"{at}.when", rule.When!,
                    "always: the site has no openingHours");
                Refuse(rule.Rule.StartsWith("server-", StringComparison.Ordinal) && site is not null, $"{at}.rule", rule.Rule,
                    "a rule of the site; those of the server stand in rules beside sites");
                var known = Limits.TryGetValue(rule.Rule, out var limits);
                Refuse(rule.Limit is not null && (!known || rule.Limit < limits.Min || rule.Limit > limits.Max), $"{at}.limit",
                    Convert.ToString(rule.Limit, CultureInfo.InvariantCulture)!,
                    known ? $"{limits.Min.ToString(CultureInfo.InvariantCulture)} to {limits.Max} {limits.Unit}" : "none: this rule has no limit to set");
                foreach (var (day, spans) in rule.Hours ?? new Dictionary<string, IReadOnlyList<string>>())
                {
                    var wrong = spans.FirstOrDefault(span => !OpeningHours.TryParseSpan(span, out _, out _));
                    Refuse(!OpeningHours.Days.Contains(day), $"{at}.hours", day, "mon, tue, wed, thu, fri, sat, sun");
                    Refuse(wrong is not null, $"{at}.hours.{day}", wrong!, "HH:MM-HH:MM with two different times; 00:00-24:00 is the whole day");
                }
            }
        }

        void Refuse(bool wrong, string path, string value, string allowed)
        {
            if (wrong)
            {
                problems.Add(new SitesProblem(path, $"\"{value}\"", allowed));
            }
        }
    }
}
