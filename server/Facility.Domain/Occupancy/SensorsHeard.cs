namespace Facility.Domain.Occupancy;

/// <summary>Which sensors can be believed now, and what the presence sensors among them last said.</summary>
internal sealed record SensorsHeard
{
    public Dictionary<string, bool> Seen { get; init; } = [];

    public HashSet<string> Faulty { get; init; } = [];

    /// <summary>Devices by whether they are heard; one that is missing was never heard.</summary>
    public Dictionary<string, bool> Devices { get; init; } = [];

    public bool IsUnheard(string sensor, string device) => Faulty.Contains(sensor) || !Devices.GetValueOrDefault(device);

    public void Fault(string sensor, bool faulty)
    {
        if (faulty)
        {
            Faulty.Add(sensor);
            Seen.Remove(sensor);
        }
        else
        {
            Faulty.Remove(sensor);
        }
    }
}
