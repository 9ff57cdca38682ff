using System.Globalization;
using Facility.Tests.Programs;

namespace Facility.Benchmarks.Machines;

/// <summary>What a program of the run takes of the machine.</summary>
internal static class Cost
{
    private const double TicksPerSecond = 100;

    extension(ChildProcess child)
    {
        /// <summary>Seconds of processor time so far.</summary>
        public double CpuSeconds
        {
            get
            {
                var fields = File.ReadAllText($"/proc/{child.Process.Id}/stat").Split(") ")[1].Split(' ');
                return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
            }
        }

        public double RssMegabytes => Status(child, "VmRSS:");

        public double PeakRssMegabytes => Status(child, "VmHWM:");
    }

    private static double Status(ChildProcess child, string field)
    {
        var line = File.ReadLines($"/proc/{child.Process.Id}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
