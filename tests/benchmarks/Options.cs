namespace Facility.Benchmarks;

internal sealed record Options(int Runs = 3, bool Quick = false, bool OnlyOurs = false)
{
    /// <summary>A number of events or a time in seconds, or a tenth of it.</summary>
    public int Scaled(int full) => Quick ? full / 10 : full;
}
