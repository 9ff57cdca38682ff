using System.Globalization;
using Facility.Edge.Ports;

namespace Facility.Edge.Adapters;

/// <summary>
/// Temperatures as the kernel gives them in a file, in thousandths of a degree: 1-wire (<c>w1/devices/28-*/temperature</c>),
/// hwmon (<c>temp1_input</c>), IIO (<c>in_temp_input</c>). A star stands for one folder or file that is found.
/// </summary>
internal sealed class KernelThermometer : IThermometer
{
    /// <summary>Never: a file does not tell that it changed.</summary>
    public event Action? Changed
    {
        add { }
        remove { }
    }

    public double Read(string sensor, string? file)
    {
        var path = Find(file ?? throw new IOException($"sensor {sensor} has no file"));
        try
        {
            var text = File.ReadAllText(path).Trim();
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milli)
                ? milli / 1000.0
                : throw new IOException($"{path}: \"{(text.Length > 40 ? text[..40] : text)}\" is not a whole number of thousandths of a degree");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static string Find(string pattern)
    {
        if (!pattern.Contains('*', StringComparison.Ordinal))
        {
            return pattern;
        }

        IEnumerable<string> found = ["/"];
        foreach (var part in Path.GetFullPath(pattern).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = found.SelectMany(folder => part.Contains('*', StringComparison.Ordinal)
                ? Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, part).Order() : []
                : (IEnumerable<string>)[Path.Combine(folder, part)]).ToList();
        }

        return found.FirstOrDefault(File.Exists) ?? throw new IOException($"no file matches {pattern}");
    }
}
