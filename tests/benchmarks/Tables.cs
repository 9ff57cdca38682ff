using System.Globalization;

namespace Facility.Benchmarks;

/// <summary>What a section found, as Markdown on standard output; what it is doing goes to standard error.</summary>
internal static class Tables
{
    public static void Progress(FormattableString text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss}  {text.ToString(CultureInfo.InvariantCulture)}");

    public static void Write(string title, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        Console.WriteLine($"\n### {title}\n\n| {string.Join(" | ", head)} |\n|{string.Concat(head.Select(_ => "---|"))}");
        foreach (var row in rows)
        {
            Console.WriteLine($"| {string.Join(" | ", row)} |");
        }
    }

    public static string Number(double value, string format = "#,0") => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    public static double Median(IEnumerable<double> values) => At([.. values.Order()], 0.5);

    /// <summary>The value that a share of them does not pass; NaN for none.</summary>
    public static double Percentile(IEnumerable<double> values, double share) => At([.. values.Order()], share);

    private static double At(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}
