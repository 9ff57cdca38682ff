using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Facility.Contracts.Mqtt;
using Facility.Domain.Devices;
using Facility.Server.Adapters.Devices;
using Facility.Server.Devices;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Devices;

/// <summary>A device from its claim until it is lost, with the real authority and store.</summary>
public sealed class RegisterStories : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("facility-devices").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SqliteDeviceStore _store;
    private readonly DeviceAuthority _authority;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private DeviceRegister _register;

    public RegisterStories()
    {
        _store = new SqliteDeviceStore(Path.Combine(_folder, "devices.db"));
        _authority = new DeviceAuthority(Options, _clock.GetUtcNow());
        _register = new DeviceRegister(_store, _authority, _clock);
    }

    private DeviceOptions Options => new(
        Path.Combine(_folder, "ca.crt"), Path.Combine(_folder, "ca.key"), Path.Combine(_folder, "revoked.crl"), new Uri("mqtts://broker:8883"), TimeSpan.FromDays(365),
        Path.Combine(_folder, "known"));

    public void Dispose()
    {
        _key.Dispose();
        _authority.Dispose();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_device_joins_once_and_asks_for_its_answer_again()
    {
        var (code, claim) = _register.Claim("ratelaar", "ratelaar-01", "Anna");
        Assert.DoesNotContain(code, File.ReadAllText(Path.Combine(_folder, "devices.db")), StringComparison.Ordinal);
        var made = _register.Join(code, Request(_key), "10.0.0.1");
        Assert.Equal(("ratelaar", "ratelaar-01", "Anna"), (made.Site, made.Device, claim.By));
        Assert.Equal(made, _register.Join(code.ToLowerInvariant(), Request(_key), "10.0.0.1"));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Contains("works once", Assert.Throws<DeviceRefusedException>(() => _register.Join(code, Request(other), "10.0.0.2")).Message, StringComparison.Ordinal);

        using var certificate = X509Certificate2.CreateFromPem(made.Pem);
        Assert.Equal(new Visitor(VisitorKind.Device, "ratelaar", "ratelaar-01", made.Serial), _authority.Recognise(certificate, _clock.GetUtcNow()));
        Assert.Null(_authority.Recognise(certificate, _clock.GetUtcNow().AddDays(366)));
        Assert.True(_register.HasJoined("ratelaar-01"));
    }

    [Fact]
    public void A_code_is_over_after_ten_minutes_and_when_a_newer_one_is_made()
    {
        var (first, _) = _register.Claim("ratelaar", "ratelaar-01", "Anna");
        var (second, _) = _register.Claim("ratelaar", "ratelaar-01", "Anna");
        Assert.Contains("over", Assert.Throws<DeviceRefusedException>(() => _register.Join(first, Request(_key), "a")).Message, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Contains("over", Assert.Throws<DeviceRefusedException>(() => _register.Join(second, Request(_key), "a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_guesses_waits_and_a_wrong_request_does_not_use_the_code_up()
    {
        var (code, _) = _register.Claim("ratelaar", "ratelaar-01", "Anna");
        Assert.Throws<FormatException>(() => _register.Join(code, "no request", "a"));
        using var weak = RSA.Create(2048);
        Assert.Throws<FormatException>(() => _register.Join(code, new CertificateRequest("CN=x", weak, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem(), "a"));
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(Assert.Throws<DeviceRefusedException>(() => _register.Join("0000-0000", Request(_key), "a")).Wait);
        }

        Assert.Equal(TimeSpan.FromMinutes(1), Assert.Throws<DeviceRefusedException>(() => _register.Join(code, Request(_key), "a")).Wait);
        _register.Join(code, Request(_key), "b");
    }

    [Fact]
    public void It_renews_with_a_new_key_and_the_old_certificate_ends_when_the_new_one_is_in_use()
    {
        var (renewals, outbox) = Renewals();
        var first = Joined();
        Say(renewals, first, _key, null);
        Assert.NotNull(_register.Good(first.Serial)!.InUseAt);

        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Say(renewals, first, _key, Request(next));
        Assert.Equal(first.Serial, _register.CertificateOf("ratelaar-01")!.Serial);
        _clock.Advance(TimeSpan.FromDays(250));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Say(renewals, first, stranger, Request(stranger));
        Assert.Equal(first.Serial, _register.CertificateOf("ratelaar-01")!.Serial);
        Say(renewals, first, _key, Request(next));
        Say(renewals, first, _key, Request(next));
        var answer = Commands(outbox);
        Assert.Equal(2, answer.Count);
        Assert.Equal(answer[0].Certificate, answer[1].Certificate);
        var second = _register.CertificateOf("ratelaar-01")!;
        Assert.Equal(answer[0].Certificate, second.Pem);
        Assert.NotNull(_register.Good(first.Serial));

        Say(renewals, second, next, null);
        Assert.Null(_register.Good(first.Serial));
        Assert.True(_register.IsRevokedSerial(first.Serial));
        Assert.Equal([first.Serial], _register.Revoked.Select(c => c.Serial));
        Assert.False(_register.IsRevoked("ratelaar-01"));
    }

    [Fact]
    public void A_replaced_device_goes_on_until_the_new_one_is_in_use()
    {
        var (renewals, _) = Renewals();
        var old = Joined();
        Say(renewals, old, _key, null);
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var replaced = _register.Join(_register.Claim("ratelaar", "ratelaar-01", "Anna").Code, Request(next), "a");
        Assert.NotNull(_register.Good(old.Serial));
        Say(renewals, replaced, next, null);
        Assert.Null(_register.Good(old.Serial));
    }

    [Fact]
    public async Task A_revoked_device_is_put_out_stays_so_over_a_restart_and_may_join_again()
    {
        var made = Joined();
        _register.Revoke("ratelaar", "ratelaar-01");
        using var known = X509Certificate2.CreateFromPem(made.Pem);
        using var restarted = new DeviceAuthority(Options, _clock.GetUtcNow());
        _register = new DeviceRegister(_store, restarted, _clock);
        Assert.True(_register.IsRevoked("ratelaar-01") && _register.IsRevokedSerial(made.Serial) && _register.HasJoined("ratelaar-01"));

        var door = new Door();
        using var sweep = new RevocationSweep(_register, _store, restarted, door, _clock, NullLogger<RevocationSweep>.Instance);
        await sweep.OnceAsync(TestContext.Current.CancellationToken);
        await sweep.OnceAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["ratelaar-01", "ratelaar-01"], door.Cut);
        Assert.Contains("BEGIN X509 CRL", await File.ReadAllTextAsync(Options.CrlFile, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await sweep.OnceAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, door.Cut.Count);

        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _register.Join(_register.Claim("ratelaar", "ratelaar-01", "Anna").Code, Request(next), "a");
        Assert.False(_register.IsRevoked("ratelaar-01"));
        Assert.True(_register.IsRevokedSerial(made.Serial));
    }

    [Fact]
    public async Task A_list_that_cannot_be_written_is_said_and_tried_again()
    {
        Joined();
        _register.Revoke("ratelaar", "ratelaar-01");
        Directory.CreateDirectory(Options.CrlFile);
        var door = new Door();
        using var sweep = new RevocationSweep(_register, _store, _authority, door, _clock, NullLogger<RevocationSweep>.Instance);
        await sweep.OnceAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(sweep.Problem);
        Directory.Delete(Options.CrlFile);
        await sweep.OnceAsync(TestContext.Current.CancellationToken);
        Assert.Null(sweep.Problem);
        Assert.Equal(2, door.Cut.Count);
    }

    [Fact]
    public void Certificates_that_the_authority_signed_elsewhere_can_be_revoked()
    {
        var elsewhere = _authority.Sign(Request(_key), "batau", "batau-01", _clock.GetUtcNow());
        Directory.CreateDirectory(Options.KnownFolder!);
        File.WriteAllText(Path.Combine(Options.KnownFolder!, "batau-01.crt"), elsewhere.Pem);
        var register = new DeviceRegister(_store, _authority, _clock);
        register.Revoke("batau", "batau-01");
        Assert.Equal([elsewhere.Serial], register.Revoked.Select(c => c.Serial));
    }

    [Fact]
    public void Keys_are_for_their_owner_alone_and_an_authority_without_its_key_is_refused()
    {
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Options.CaKeyFile) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        File.Delete(Options.CaKeyFile);
        Assert.Contains("backup", Assert.Throws<BrokerException>(() => new DeviceAuthority(Options, _clock.GetUtcNow())).Message, StringComparison.Ordinal);
    }

    private static string Request(ECDsa key) => new CertificateRequest("CN=anybody", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    private static IReadOnlyList<DeviceCommand> Commands(DeviceOutbox outbox)
    {
        var taken = outbox.TakeAsync(TestContext.Current.CancellationToken);
        return taken.IsCompletedSuccessfully ? [.. taken.Result.Commands.Select(c => c.Command)] : [];
    }

    private static void Say(Renewals renewals, DeviceCertificate present, ECDsa key, string? request) => renewals.Take(
        "ratelaar", "ratelaar-01",
        WireCodec.Write(new CertificateRenewal(
            present.Serial,
            Convert.ToBase64String(key.SignData(CertificateRenewal.Signed(present.Serial, request), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)), request)));

    private DeviceCertificate Joined() => _register.Join(_register.Claim("ratelaar", "ratelaar-01", "Anna").Code, Request(_key), "a");

    private (Renewals Renewals, DeviceOutbox Outbox) Renewals()
    {
        var outbox = new DeviceOutbox(new ServerCounters());
        return (new Renewals(_register, outbox, NullLogger<Renewals>.Instance), outbox);
    }

    private sealed class Door : IBrokerDoor
    {
        public List<string> Cut { get; } = [];

        public bool KnowsCertificates => false;

        public Task CutAsync(string device, CancellationToken cancellation)
        {
            Cut.Add(device);
            return Task.CompletedTask;
        }
    }
}
