namespace Facility.Server.Ports;

/// <summary>Where the broker is and who the server is there.</summary>
/// <param name="ClientId">Fixed: with it the broker keeps the server's session while it is away.</param>
public sealed record BrokerOptions(string Host, int Port, string ClientId = "facility-server", string? User = null, string? Password = null)
{
    public override string ToString() => $"mqtt://{Host}:{Port}";
}

/// <summary>The broker cannot be started; the message says what to do.</summary>
public sealed class BrokerException(string message, Exception? inner = null) : Exception(message, inner);
