using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Facility.Server.Adapters.Channels;

namespace Facility.Tests.Unit.Channels;

/// <summary>The examples that the RFCs of web push give.</summary>
public sealed class PushVectors
{
    [Fact]
    public void The_content_coding_gives_the_first_example_of_RFC_8188() => Assert.Equal(
        "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg",
        Base64Url.EncodeToString(PushEncryption.Encode(
            "I am the walrus"u8, Bytes("yqdlZ-tYemfogSmv7Ws5PQ"), Bytes("I1BsxtFttlv3u_Oo94xnmw"), [])));

    [Fact]
    public void Encryption_gives_the_message_of_RFC_8291()
    {
        using var browser = ECDiffieHellman.Create(PushEncryption.Read(Bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")));
        var pair = PushEncryption.Read(Bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"));
        pair.D = Bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        using var sender = ECDiffieHellman.Create(pair);
        var coded = PushEncryption.Encrypt(
            "When I grow up, I want to be a watermelon"u8, browser, Bytes("BTBZMqHH6r4Tts7J_aSIgg"), sender, Bytes("DGv6ra1nlYgDCS1FRnbzlw"));
        Assert.Equal(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
            Base64Url.EncodeToString(coded));
    }

    // The signature of the example was made with a random number: its key verifies it, and of ours the signed part is the same.
    [Fact]
    public void A_token_says_what_that_of_RFC_8292_says_and_its_own_key_verifies_it()
    {
        const string Token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
        const string Key = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
        Assert.True(Verifies(Token, Key));
        Assert.False(Verifies(Token.Replace("eyJhdWQi", "eyJhdWQj", StringComparison.Ordinal), Key));

        using var own = new VapidKey(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var twelveHoursBefore = DateTimeOffset.FromUnixTimeSeconds(1453523768).AddHours(-12);
        var authorization = own.Authorization(new Uri("https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV"), "mailto:push@example.com", twelveHoursBefore);
        var parts = authorization.Split("vapid t=")[1].Split(", k=");
        Assert.Equal(own.PublicKey, parts[1]);
        Assert.Equal(Token[..Token.LastIndexOf('.')], parts[0][..parts[0].LastIndexOf('.')]);
        Assert.True(Verifies(parts[0], own.PublicKey));
    }

    [Fact]
    public void The_longest_text_fills_a_push_of_4096_bytes_and_a_longer_one_is_cut()
    {
        using var browser = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(4096, PushEncryption.Encrypt(new byte[PushEncryption.MostBytes], browser, new byte[16]).Length);

        // Characters of one to four bytes, and such as JSON writes in two and in six.
        foreach (var text in (string[])["x", "é", "☕", "𝄞", "a☕𝄞\n"])
        {
            for (var extra = 0; extra < 8; extra++)
            {
                var bytes = PushText.Of(new("d-1", null, "anna", "push", "", new string('t', 800), new string('y', extra) + string.Concat(Enumerable.Repeat(text, 5000)), null, true, "nl"));
                Assert.InRange(bytes!.Length, PushEncryption.MostBytes - 12, PushEncryption.MostBytes);
                var said = JsonElement.Parse(bytes).GetProperty("text").GetString()!;
                Assert.EndsWith("…", said, StringComparison.Ordinal);
                Assert.Equal(said, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(said)));
            }
        }

        Assert.Null(PushText.Of(new("d-1", null, "anna", "push", "", "t", "x", new Uri("https://a.example/" + new string('x', 4000)), true, "nl")));
    }

    private static bool Verifies(string token, string key)
    {
        using var ecdsa = ECDsa.Create(PushEncryption.Read(Bytes(key)));
        var dot = token.LastIndexOf('.');
        return ecdsa.VerifyData(Encoding.ASCII.GetBytes(token[..dot]), Bytes(token[(dot + 1)..]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static byte[] Bytes(string text) => Base64Url.DecodeFromChars(text);
}
