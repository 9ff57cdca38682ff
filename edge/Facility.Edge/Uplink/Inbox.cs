using System.Buffers;
using System.Text;
using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Joining;
using Microsoft.Extensions.Logging;
using MQTTnet;

namespace Facility.Edge.Uplink;

/// <summary>
/// What the broker brings: acknowledgements and refusals to the streams, commands to be performed. What is not for this device,
/// or cannot be read, is told and does nothing.
/// </summary>
internal sealed class Inbox(EdgeConfig config, StreamUplink urgent, StreamUplink ordinary, Commands commands, CertificateKeeper keeper, ILogger log)
{
    private const int MostShown = 100;
    private readonly Topics _topics = new(config.TopicPrefix);

    /// <returns>What Home Assistant must forget, when the message says that it knows more than there is.</returns>
    public IReadOnlyList<Discovery.Gone> Take(MqttApplicationMessage message, TimeSpan now)
    {
        var payload = message.Payload.ToArray();
        var mine = _topics.Parse(message.Topic) is { } topic && topic.Site == config.Site && topic.Device == config.Device ? topic.Kind : (TopicKind?)null;
        if (message.Topic == Topics.Discovery(config.Device))
        {
            // One that is not retained is of this moment, by another: there is nothing earlier in it.
            return message.Retain ? Discovery.GoneSince(payload, config) : [];
        }

        if (mine == TopicKind.Ack && payload.Length == 0)
        {
            // The server takes away what it retained for a stream that it has retired.
            return [];
        }

        if (mine == TopicKind.Ack && WireCodec.ReadAck(payload) is { } ack)
        {
            urgent.Acknowledged(ack, now);
            ordinary.Acknowledged(ack, now);
        }
        else if (mine == TopicKind.Command && WireCodec.ReadCommand(payload) is { } command)
        {
            Obey(command, message.Retain, now);
        }
        else
        {
            log.LogWarning("A message on {Topic} could not be read and is ignored: {Start}", message.Topic, Start(payload));
        }

        return [];
    }

    private void Obey(DeviceCommand command, bool retained, TimeSpan now)
    {
        if (retained)
        {
            // It would be obeyed at each connection: a reload for ever.
            log.LogWarning("Command {Command} is retained by the broker and is ignored: a command is for now only", Shown(command.Command));
        }
        else if (command.Command == DeviceCommand.Refused)
        {
            urgent.Refused(command, now);
            ordinary.Refused(command, now);
        }
        else if (command.Command == DeviceCommand.NewCertificate)
        {
            keeper.Take(command.Certificate);
        }
        else if (!commands.Obey(command.Command))
        {
            log.LogWarning("Command {Command} is not known to this version and is ignored", Shown(command.Command));
        }
    }

    private static string Start(byte[] payload) => Shown(Encoding.UTF8.GetString(payload, 0, Math.Min(payload.Length, MostShown)));

    // In one line of a log, whatever it holds.
    private static string Shown(string text) => new([.. text.Take(MostShown).Select(c => char.IsControl(c) ? ' ' : c)]);
}
