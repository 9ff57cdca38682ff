using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Facility.Contracts.Mqtt;
using Facility.Domain.Devices;
using Facility.Server.Pipeline;

namespace Facility.Server.Devices;

/// <summary>
/// What devices say on their topic <c>renewal</c>: a newer certificate is asked for, or one is in use. Believed by the signature of
/// the certificate's key alone, whoever the broker let say it; what is not proved is logged and forgotten.
/// </summary>
public sealed class Renewals(DeviceRegister register, DeviceOutbox outbox, ILogger<Renewals> logger)
{
    public void Take(string site, string device, ReadOnlySpan<byte> payload)
    {
        if (WireCodec.ReadRenewal(payload) is not { } renewal)
        {
            Refuse(device, "the message cannot be read");
        }
        else if (register.Good(renewal.Serial) is not { } present || present.Device != device || present.Site != site)
        {
            Refuse(device, "it names no good certificate of this device");
        }
        else if (!IsProved(present, renewal))
        {
            Refuse(device, "it is not signed by the certificate's key");
        }
        else if (renewal.Request is not { } request)
        {
            if (register.InUse(present))
            {
                logger.LogInformation("{Device} uses certificate {Serial}, valid until {Until:yyyy-MM-dd}; its others end", device, present.Serial, present.Until);
            }
        }
        else
        {
            Renew(present, request);
        }
    }

    private void Renew(DeviceCertificate present, string request)
    {
        try
        {
            var made = register.Renew(present, request);
            outbox.Command(present.Site, present.Device, new DeviceCommand(DeviceCommand.NewCertificate, Certificate: made.Pem));
            logger.LogInformation("{Device} gets certificate {Serial}, valid until {Until:yyyy-MM-dd}", present.Device, made.Serial, made.Until);
        }
        catch (Exception e) when (e is FormatException or DeviceRefusedException)
        {
            Refuse(present.Device, e.Message);
        }
    }

    private static bool IsProved(DeviceCertificate present, CertificateRenewal renewal)
    {
        Span<byte> signature = stackalloc byte[64];
        if (!Convert.TryFromBase64String(renewal.Signature, signature, out var length) || length != signature.Length)
        {
            return false;
        }

        using var certificate = X509Certificate2.CreateFromPem(present.Pem);
        using var key = certificate.GetECDsaPublicKey();
        return key?.VerifyData(CertificateRenewal.Signed(renewal.Serial, renewal.Request), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) == true;
    }

    private void Refuse(string device, string why) => logger.LogWarning("A request for a certificate on the topic of {Device} is not answered: {Why}", Shown(device), why);

    // Of a topic: whatever it holds, one line.
    private static string Shown(string id) => new([.. id.Select(c => char.IsControl(c) ? ' ' : c)]);
}
