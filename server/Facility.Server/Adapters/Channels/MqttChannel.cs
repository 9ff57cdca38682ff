using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Facility.Contracts;
using Facility.Domain.OnCall;
using Facility.Server.Ports;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Facility.Server.Adapters.Channels;

/// <summary>A siren, lamp or pager in the building: JSON on a topic of the server's broker, by a connection of its own for each message.</summary>
/// <remarks>QoS 1 and not retained: a lamp that comes back must not light for yesterday. Where nothing listens to the topic nobody was told.</remarks>
/// <param name="broker">Null: no broker was given, and this channel is refused.</param>
/// <param name="prefix">Of the contract's topics, which are not a person's address.</param>
internal sealed class MqttChannel(BrokerOptions? broker, string prefix) : IChannel
{
    private const int MostText = 64 * 1024;

    public string Kind => "mqtt";

    public string? Refusal(string address)
    {
        var said = $"mqtt topic {SafeText.Line(address)} is not allowed:";
        return broker is null ? "mqtt needs a broker: give --broker mqtt[s]://[user@]host[:port]"
            : Encoding.UTF8.GetByteCount(address) is 0 or > 200 ? $"{said} it has 1 to 200 bytes, such as facility/piket/anna"
            : address.AsSpan().ContainsAny('+', '#') ? $"{said} + and # stand for other topics; a message goes to one"
            : address[0] == '$' ? $"{said} what begins with $ is the broker's own"
            : address.Split('/').Any(string.IsNullOrWhiteSpace) || address.Any(c => char.IsControl(c) || char.IsSurrogate(c))
                ? $"{said} give levels with single / between them and nothing unprintable, such as facility/piket/anna"
            : (address + "/").StartsWith(prefix + "/", StringComparison.Ordinal) ? $"{said} {prefix} is the devices' own; give another, such as facility/piket/anna"
            : null;
    }

    public async Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
    {
        if (broker is null || Refusal(message.Address) is not null)
        {
            return new SendAnswer(SendOutcome.Refused, Refusal(message.Address)!);
        }

        // A name of its own: two messages at once would end each other's connection.
        using var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder().WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
            .Reaching(broker).WithClientId($"{broker.ClientId}-page-{Guid.NewGuid():N}").WithCleanStart(true).WithTimeout(TimeSpan.FromSeconds(10)).Build();
        try
        {
            var let = await client.ConnectAsync(options, cancellation);
            if (let.ResultCode != MqttClientConnectResultCode.Success)
            {
                return new SendAnswer(SendOutcome.Failed, SafeText.Line($"{broker} refuses the server: {let.ResultCode} {let.ReasonString}"));
            }

            var told = await client.PublishAsync(
                new MqttApplicationMessageBuilder().WithTopic(message.Address).WithPayload(Payload(message)).WithContentType("application/json")
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), cancellation);
            await client.TryDisconnectAsync();
            return Answer(told, message.Address);
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or MqttClientDisconnectedException or SocketException
            or IOException or BrokerException or InvalidOperationException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            cancellation.ThrowIfCancellationRequested();
            return new SendAnswer(SendOutcome.Failed, SafeText.Line($"{broker}: {e.GetBaseException().Message}"));
        }
    }

    private static SendAnswer Answer(MqttClientPublishResult told, string topic) => told.ReasonCode switch
    {
        MqttClientPublishReasonCode.Success => new(SendOutcome.Sent, "the broker has it"),
        MqttClientPublishReasonCode.NoMatchingSubscribers => new(SendOutcome.Failed, $"nothing listens to {topic}"),
        MqttClientPublishReasonCode.NotAuthorized => new(SendOutcome.Refused, $"the broker does not let the server write {topic}"),
        MqttClientPublishReasonCode.TopicNameInvalid => new(SendOutcome.Refused, $"the broker takes nothing for {topic}"),
        var other => new(SendOutcome.Failed, SafeText.Line($"{other} {told.ReasonString}")),
    };

    private static byte[] Payload(Message message) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = message.Id,
        title = SafeText.Line(message.Title),
        text = SafeText.Lines(message.Text, MostText),
        urgent = message.Urgent,
        link = message.Link?.AbsoluteUri,
    });
}
