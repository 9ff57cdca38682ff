using System.Globalization;
using System.Text;
using Facility.Contracts.Mqtt;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Edge.Counting;

/// <summary>Counts what is known, prints how well, and holds the published table to it.</summary>
public sealed class CountingSuite
{
    private const string Header = "| case | passages | true | counted in | counted out | missed | false | faults |";

    [Fact]
    public async Task The_published_table_is_what_is_counted_and_nothing_is_wrong_where_two_beams_can_decide()
    {
        var table = new StringBuilder(Header + "\n|---|---|---|---|---|---|---|---|\n");
        var wrong = new List<string>();
        foreach (var (one, seed) in Cases.All.Select((one, i) => (one, i)))
        {
            var row = await CountAsync(one, new Random(seed));
            table.Append(CultureInfo.InvariantCulture, $"| {(one.Decidable ? "" : "* ")}{one.Name} | {row.Walks} | {row.TrueIn} in, {row.TrueOut} out | {row.In} | {row.Out} | {row.Missed} | {row.False} | {row.Faults} |\n");
            if (one.Decidable && row.Missed + row.False > 0)
            {
                wrong.Add($"{one.Name}: {row.Missed} missed, {row.False} false");
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine(table.ToString());
        Assert.Equal([], wrong);
        var published = await File.ReadAllTextAsync(Path.Combine(Seeds.Folder, "..", "edge", "Facility.Edge.Domain", "COUNTING.md"), TestContext.Current.CancellationToken);
        Assert.Contains(table.ToString(), published, StringComparison.Ordinal);
    }

    private static async Task<Row> CountAsync(Case one, Random random)
    {
        var row = default(Row);
        for (var i = 0; i < one.Scenes; i++)
        {
            var scene = one.Draw(random);
            var edges = one.Bounces ? Bounce(scene.Edges(), random) : scene.Edges();
            var told = await Bench.PlayAsync(Bench.Door, edges, scene.End + 60);
            var (inside, outside) = (told.Count(e => e.Kind == EventKinds.Passage && e.Value > 0), told.Count(e => e.Kind == EventKinds.Passage && e.Value < 0));
            row = new Row(
                row.Walks + scene.Walks,
                row.TrueIn + scene.TrueIn,
                row.TrueOut + scene.TrueOut,
                row.In + inside,
                row.Out + outside,
                row.Missed + Math.Max(0, scene.TrueIn - inside) + Math.Max(0, scene.TrueOut - outside),
                row.False + Math.Max(0, inside - scene.TrueIn) + Math.Max(0, outside - scene.TrueOut),
                row.Faults + told.Count(e => e.Kind == EventKinds.Fault && e.Value == 1));
        }

        return row;
    }

    // One to three pulses in the 1 to 5 ms after each edge.
    private static List<(double At, int Beam, bool Broken)> Bounce(List<(double At, int Beam, bool Broken)> edges, Random random)
    {
        var all = new List<(double At, int Beam, bool Broken)>();
        foreach (var edge in edges)
        {
            all.Add(edge);
            var (pulses, length) = (random.Next(1, 4), 0.001 + random.NextDouble() * 0.004);
            for (var i = 1; i <= 2 * pulses; i++)
            {
                all.Add((edge.At + length * i / (2 * pulses), edge.Beam, i % 2 == 0 == edge.Broken));
            }
        }

        return [.. all.OrderBy(edge => edge.At)];
    }

    private readonly record struct Row(int Walks, int TrueIn, int TrueOut, int In, int Out, int Missed, int False, int Faults);
}
