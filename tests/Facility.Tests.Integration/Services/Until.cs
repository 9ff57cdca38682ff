using System.Diagnostics;

namespace Facility.Tests.Integration.Services;

/// <summary>Waits on a condition of the real world, with a deadline.</summary>
internal static class Until
{
    /// <summary>Throws <see cref="TimeoutException"/>, saying what was waited for, when it is not true within <paramref name="atMost"/>.</summary>
    public static async Task TrueAsync(string what, Func<Task<bool>> condition, TimeSpan atMost)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > atMost)
            {
                throw new TimeoutException($"Not true within {atMost.TotalSeconds} s: {what}.");
            }

            await Task.Delay(25);
        }
    }
}
