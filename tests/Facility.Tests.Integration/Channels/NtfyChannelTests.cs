using System.Text;
using System.Text.Json;
using Facility.Server.Adapters.Channels;
using Facility.Server.Ports;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Channels;

/// <summary>ntfy at a server that does as ntfy's documentation says of publishing as JSON.</summary>
public sealed class NtfyChannelTests : ChannelContract
{
    private readonly HttpClient _http = Provider.Client();
    private HttpPeer _peer = null!;

    public override IReadOnlyList<string> BadAddresses =>
    [
        "", "piket", "http://ntfy.example.org/piket", "https://ntfy.example.org", "https://ntfy.example.org/", "https://ntfy.example.org/a b", "https://ntfy.example.org/a?auth=x",
        "https://user:secret@ntfy.example.org/a", "https://ntfy.example.org/a#b", "https://ntfy.example.org/a\r\nX: y", "ftp://ntfy.example.org/a", "https://ntfy.example.org/" + new string('a', 65),
    ];

    protected override int Whole => 3990;

    public override async ValueTask InitializeAsync() => _peer = await HttpPeer.StartAsync(
        request => Enum.Parse<Peer>(Json(request).GetProperty("topic").GetString()!.Split('-')[^1], ignoreCase: true),
        (request, peer) => peer switch
        {
            Peer.Busy => (429, """{"code":42901,"http":429,"error":"limit reached: too many requests"}"""),
            Peer.Gone => (403, """{"code":40301,"http":403,"error":"forbidden"}"""),

            // A longer one ntfy makes an attachment of, and no text.
            _ when Encoding.UTF8.GetByteCount(Json(request).GetProperty("message").GetString()!) > 4096 => (413, """{"code":41301,"http":413,"error":"attachment too large"}"""),
            _ when request.Path != "/" => (404, """{"code":40401,"http":404,"error":"page not found"}"""),
            _ => (200, """{"id":"x","event":"message"}"""),
        });

    public override async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _http.Dispose();
    }

    internal override (IChannel Channel, string Address) At(Peer peer) => (
        new NtfyChannel(new Dictionary<string, string> { [_peer.Url.Authority] = "tk_of_this_one", ["ntfy.example.org"] = "tk_of_another" }, _http),
        peer is Peer.Away ? $"http://127.0.0.1:{Here.FreePort()}/piket-away" : new Uri(_peer.Url, $"/piket-{peer.ToString().ToLowerInvariant()}").AbsoluteUri);

    internal override Taken? Arrived(string id)
    {
        var request = _peer.Requests.FirstOrDefault(r => Json(r).GetProperty("sequence_id").GetString() == id);
        if (request is null)
        {
            return null;
        }

        var json = Json(request);
        Assert.Equal("Bearer tk_of_this_one", request.Headers["authorization"]);
        Assert.Equal("piket-well", json.GetProperty("topic").GetString());
        return new Taken(
            json.GetProperty("title").GetString()!, json.GetProperty("message").GetString()!, json.GetProperty("click").GetString(), json.GetProperty("priority").GetInt32() == 5);
    }

    private static JsonElement Json(HttpPeer.Request request) => JsonSerializer.Deserialize<JsonElement>(request.Body);
}
