namespace Facility.Edge.Configuration;

/// <summary>What <c>edge.json</c> says, checked.</summary>
/// <param name="TopicPrefix">Of all topics, <c>facility/v1</c>.</param>
/// <param name="Data">The folder of the outbox; relative to the current folder.</param>
internal sealed record EdgeConfig(
    string Site, string Device, BrokerConfig Broker, string TopicPrefix, string Data, GpioConfig? Gpio, IReadOnlyList<SensorConfig> Sensors);

/// <param name="Driver"><c>kernel</c> (the default) or <c>system</c>.</param>
/// <param name="Chip">A name (<c>gpiochip0</c>) or a label.</param>
internal sealed record GpioConfig(string Driver, string Chip);

/// <summary>What is wrong with the configuration, one complete sentence each: path, value, and what is allowed.</summary>
internal sealed class ConfigException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
