namespace Facility.Edge.Configuration;

/// <summary>Reads <c>broker</c> of the configuration, and opens the files that it names.</summary>
internal static class BrokerReader
{
    private static readonly string[] OfTls = ["caFile", "certificateFile", "keyFile"];

    public static BrokerConfig Read(JsonPlace place)
    {
        var before = place.Problems.Count;
        place.IsObject(["url", "username", "passwordFile", .. OfTls]);
        var url = new Uri("mqtt://localhost");
        place["url"].Text("a URL such as mqtt://localhost:1883 or mqtts://broker:8883", t => BrokerConfig.IsBroker(t, out url));
        string? File(string key) => place[key].Value is null ? null : place[key].Text("a file", t => t.Length > 0);
        var broker = new BrokerConfig(
            url, place["username"].Value is null ? null : place["username"].Text("a name", t => t.Length > 0), File("passwordFile"),
            File("caFile"), File("certificateFile"), File("keyFile"));
        foreach (var key in OfTls.Where(key => !broker.IsSecure && place[key].Value is not null && place["url"].Value is not null))
        {
            place.Problems.Add($"{place[key].Path}: is for TLS, and broker.url is not; allowed is a URL that begins with mqtts://");
        }

        Pair("passwordFile", "username");
        Pair("certificateFile", "keyFile");
        Pair("keyFile", "certificateFile");
        if (place.Problems.Count == before)
        {
            try
            {
                BrokerFiles.Read(broker).Dispose();
            }
            catch (ConfigException e)
            {
                place.Problems.AddRange(e.Problems);
            }
        }

        return broker;

        void Pair(string key, string needs)
        {
            if (place[key].Value is not null && place[needs].Value is null)
            {
                place.Problems.Add($"{place[needs].Path}: missing; needed beside {key}");
            }
        }
    }
}
