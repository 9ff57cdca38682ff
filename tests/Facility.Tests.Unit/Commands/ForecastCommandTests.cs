using System.Globalization;
using Facility.Server.Commands;

namespace Facility.Tests.Unit.Commands;

public sealed class ForecastCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Weeks_that_are_all_the_same_are_forecast_without_error_and_none_is_busier()
    {
        var lines = from day in Enumerable.Range(0, 70)
                    from half in Enumerable.Range(0, 48)
                    let at = new DateTime(2026, 1, 5).AddDays(day).AddMinutes(30 * half)
                    from flow in new[] { 9, 7 }
                    select string.Create(CultureInfo.InvariantCulture, $"{flow},{at:MM'/'dd'/'yy},{at:HH:mm:ss},{(at.Hour is >= 9 and < 17 ? 4 : 0)}");
        File.WriteAllLines(_file, lines.Prepend("flow,date,time,count"));
        Assert.Equal(0, ForecastCommand.Run(_file, 4, _output, _errors));
        var rows = _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')).ToArray();
        Assert.Equal(4, rows.Length);
        Assert.All(rows, r => Assert.Equal(("49", "0.00", "0.00", "0"), (r[2], r[4], r[6], r[9])));
    }

    [Theory]
    [InlineData("8,07/24/05,09:30:00,4")]
    [InlineData("9,2005-07-24,09:30:00,4")]
    [InlineData("9,07/24/05,09:30:00,-4")]
    [InlineData("nonsense")]
    public void A_line_that_is_no_count_is_named(string line)
    {
        File.WriteAllLines(_file, ["flow,date,time,count", line]);
        Assert.Equal(2, ForecastCommand.Run(_file, 8, _output, _errors));
        Assert.Contains("line 2", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Weeks_out_of_range_and_a_file_that_is_not_there_are_said()
    {
        Assert.Equal(2, ForecastCommand.Run(_file, 2, _output, _errors));
        Assert.Contains("3 to 52", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, ForecastCommand.Run(_file + ".none", 8, _output, _errors));
        Assert.Contains("cannot be read", _errors.ToString(), StringComparison.Ordinal);
    }
}
