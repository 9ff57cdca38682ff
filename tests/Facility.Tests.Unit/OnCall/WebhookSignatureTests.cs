using System.Text;
using Facility.Server.OnCall;

namespace Facility.Tests.Unit.OnCall;

public sealed class WebhookSignatureTests
{
    // The example that Standard Webhooks publishes.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1614265330);
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");
    private static readonly WebhookSignature Ours = new(Secret);

    [Fact]
    public void The_published_example_comes_out_with_and_without_the_marker_of_the_secret()
    {
        Assert.Equal(Signature, Ours.Sign(Id, At, Body));
        Assert.Equal(Signature, new WebhookSignature(Secret[6..]).Sign(Id, At, Body));
    }

    [Theory]
    [InlineData(Signature, 0)]
    [InlineData(Signature, 299)]
    [InlineData(Signature, -299)]
    [InlineData("v1,AAAA " + Signature, 0)]
    [InlineData("v1a,AAAA " + Signature + " v2,BBBB", 0)]
    public void What_is_signed_with_the_secret_within_five_minutes_is_believed(string signatures, int late) =>
        Assert.Null(Ours.Refusal(Id, "1614265330", signatures, Body, At.AddSeconds(late)));

    [Theory]
    [InlineData(Id, "1614265330", Signature, 301)]
    [InlineData(Id, "1614265330", Signature, -301)]
    [InlineData(Id, "1614265331", Signature, 0)]
    [InlineData("msg_other", "1614265330", Signature, 0)]
    [InlineData("", "1614265330", Signature, 0)]
    [InlineData(Id, "", Signature, 0)]
    [InlineData(Id, "soon", Signature, 0)]
    [InlineData(Id, "99999999999999999999999", Signature, 0)]
    [InlineData(Id, "9223372036854775807", Signature, 0)]
    [InlineData(Id, "-1614265330", Signature, 0)]
    [InlineData(Id, "1614265330", "", 0)]
    [InlineData(Id, "1614265330", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 0)]
    [InlineData(Id, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=", 0)]
    public void All_else_is_not(string id, string timestamp, string signatures, int late) =>
        Assert.NotNull(Ours.Refusal(id, timestamp, signatures, Body, At.AddSeconds(late)));

    [Fact]
    public void Another_body_or_another_secret_is_not_believed()
    {
        Assert.NotNull(Ours.Refusal(Id, "1614265330", Signature, "{}"u8, At));
        Assert.NotNull(new WebhookSignature("whsec_" + Convert.ToBase64String(new byte[32])).Refusal(Id, "1614265330", Signature, Body, At));
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_not base64!")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("correct horse battery staple")]
    public void A_secret_that_is_none_is_refused_without_being_repeated(string secret)
    {
        var refused = Assert.Throws<FormatException>(() => new WebhookSignature(secret));
        Assert.Contains("24 to 64 bytes", refused.Message, StringComparison.Ordinal);
        Assert.True(secret.Length < 7 || !refused.Message.Contains(secret, StringComparison.Ordinal));
    }
}
