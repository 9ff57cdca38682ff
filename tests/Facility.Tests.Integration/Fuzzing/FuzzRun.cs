using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Facility.Tests.Integration.Fuzzing;

/// <summary>One run of a fuzzer: how long it goes, from which seed, what came of it. <c>./test fuzz --help</c> says how to run one longer.</summary>
/// <remarks>Input n of a run is made from seed + n alone, so that <c>--seed</c> with the seed of a failure makes that input first.</remarks>
internal sealed class FuzzRun
{
    private const int MostFailures = 10;
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(5);

    private readonly string target;
    private readonly TimeSpan length;
    private readonly Stopwatch clock = new();
    private readonly ConcurrentDictionary<string, long> outcomes = [];
    private readonly ConcurrentQueue<string> failures = [];
    private readonly Lock gate = new();
    private long inputs;
    private TimeSpan told;

    private FuzzRun(string target, TimeSpan length, long seed) => (this.target, this.length, Seed) = (target, length, seed);

    public long Seed { get; }

    /// <summary>Whether there is time left, and no more failures than a person wants to read.</summary>
    public bool Goes => clock.Elapsed < length && failures.Count < MostFailures;

    public IReadOnlyCollection<string> Failures => failures;

    /// <param name="seconds">In <c>./test</c>; longer where that was asked for.</param>
    public static FuzzRun Of(string target, int seconds)
    {
        var only = Environment.GetEnvironmentVariable("FACILITY_FUZZ_TARGET");
        Assert.SkipWhen(only is not null && only != target, $"--target {only} was asked for");
        var asked = Environment.GetEnvironmentVariable("FACILITY_FUZZ_LENGTH") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : (int?)null;

        // Without a target the length asked for is that of the four together.
        var length = asked is null ? seconds : only is null ? Math.Max(1, asked.Value / 4) : asked.Value;
        var seed = Environment.GetEnvironmentVariable("FACILITY_FUZZ_SEED") is { } number ? long.Parse(number, CultureInfo.InvariantCulture) : Random.Shared.NextInt64(1_000_000_000);
        var run = new FuzzRun(target, TimeSpan.FromSeconds(length), seed);
        run.Say($"seed {seed}, {length} s");
        return run;
    }

    /// <summary>The next input's source.</summary>
    public Fuzz Next()
    {
        // From the first input: what a server takes to start is not its time.
        clock.Start();
        Tell();
        return new Fuzz(Seed + Interlocked.Increment(ref inputs) - 1);
    }

    public void Count(string outcome)
    {
        // A kind of outcome, not each of them: what is counted stays bounded.
        if (outcomes.Count < 10_000 || outcomes.ContainsKey(outcome))
        {
            outcomes.AddOrUpdate(outcome, 1, (_, n) => n + 1);
        }
    }

    public void Fail(Fuzz fuzz, string what, string input) => Fail($"{(what.Length > 1000 ? what[..1000] + "…" : what)}; again: ./test fuzz --target {target} --seed {fuzz.Seed}\n  {(input.Length > 2000 ? input[..2000] + "…" : input)}");

    public void Fail(string what)
    {
        failures.Enqueue(what);
        Say("FAILED: " + what);
    }

    /// <summary>The figures; fails with what failed.</summary>
    public void End()
    {
        var seconds = clock.Elapsed.TotalSeconds;
        Say($"seed {Seed}: {inputs:N0} inputs in {seconds:0} s, {inputs / seconds:N0}/s, {outcomes.Count:N0} distinct outcomes, {failures.Count} failures");
        Say(string.Join(", ", outcomes.OrderByDescending(o => o.Value).Take(12).Select(o => $"{o.Key} {o.Value:N0}")));
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures));
        Assert.True(inputs > 0 && outcomes.Count > 1, "nothing was tried");
    }

    private void Tell()
    {
        lock (gate)
        {
            if (clock.Elapsed - told < TellEvery)
            {
                return;
            }

            told = clock.Elapsed;
        }

        Say($"{told.TotalSeconds,5:0} s  {inputs,11:N0} inputs  {outcomes.Count,5:N0} outcomes  {failures.Count} failures");
    }

    private void Say(string what)
    {
        Console.Error.WriteLine($"fuzz {target}: {what}");
        TestContext.Current.TestOutputHelper?.WriteLine(what);
    }
}
