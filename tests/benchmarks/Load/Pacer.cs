using System.Diagnostics;

namespace Facility.Benchmarks.Load;

/// <summary>Does something at an even rate on a thread of its own, whatever else the machine does.</summary>
internal static class Pacer
{
    public static Task RunAsync(double perSecond, TimeSpan length, Action<long> one) => Task.Factory.StartNew(
        () =>
        {
            var clock = Stopwatch.StartNew();
            for (long done = 0; clock.Elapsed < length;)
            {
                for (var due = (long)(clock.Elapsed.TotalSeconds * perSecond); done < due; done++)
                {
                    one(done);
                }

                Thread.Sleep(1);
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
