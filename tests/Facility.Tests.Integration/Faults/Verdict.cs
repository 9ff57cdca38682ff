namespace Facility.Tests.Integration.Faults;

/// <summary>What was made beside what a store has.</summary>
/// <param name="Missing">Made and not stored.</param>
/// <param name="Twice">Stored more than once.</param>
/// <param name="Other">Stored and never made, or with another content than was made.</param>
internal sealed record Verdict(string Store, long Made, long Missing, long Twice, long Other, IReadOnlyList<string> Examples)
{
    private const int MostExamples = 12;

    public bool IsRight => (Missing, Twice, Other) == (0, 0, 0);

    public static Verdict Of(string store, IReadOnlyList<MadeStream> made, IEnumerable<StoredEvent> stored)
    {
        var (missing, twice, other) = (0L, 0L, 0L);
        var examples = new List<string>();
        var streams = made.Select(s => (Stream: s, BySeq: s.Events.ToDictionary(e => e.Seq), Seen: new HashSet<long>())).ToDictionary(s => (s.Stream.Site, s.Stream.Stream));
        foreach (var e in stored)
        {
            if (!streams.TryGetValue((e.Site, e.Stream), out var stream) || !stream.BySeq.TryGetValue(e.Seq, out var as_made))
            {
                other++;
                Show($"never made: {e}");
            }
            else if (!stream.Seen.Add(e.Seq))
            {
                twice++;
                Show($"twice: {e}, made: {as_made}");
            }
            else if ((e.Sensor, e.Kind, e.Value) != (as_made.Sensor, as_made.Kind, as_made.Value) || (as_made.At is { } at && at != e.At))
            {
                other++;
                Show($"{e} was made as {as_made}");
            }
        }

        foreach (var (stream, bySeq, seen) in streams.Values)
        {
            var gone = bySeq.Keys.Where(seq => !seen.Contains(seq)).Order().ToArray();
            missing += gone.Length;
            if (gone.Length > 0)
            {
                Show($"missing: {gone.Length} of {bySeq.Count} of stream {stream.Stream} of {stream.Site}, from {gone[0]} to {gone[^1]}");
            }
        }

        return new Verdict(store, made.Sum(s => (long)s.Events.Count), missing, twice, other, examples);

        void Show(string example)
        {
            if (examples.Count < MostExamples)
            {
                examples.Add(example);
            }
        }
    }

    public override string ToString() => $"{Store}: {Made:N0} made, {Missing} missing, {Twice} twice, {Other} other{string.Concat(Examples.Select(e => "\n    " + e))}";
}
