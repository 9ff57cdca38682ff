namespace Facility.Tests.Integration.Services;

/// <summary>The services that the other tests rely on start, end and start again.</summary>
public sealed class ServicesTests
{
    [Fact]
    public async Task Mosquitto_answers_again_after_a_kill()
    {
        await using var broker = await Mosquitto.StartAsync(persistent: true);
        await broker.KillAsync();
        await broker.StartAgainAsync();
        await broker.RestartAsync();
        Assert.NotEqual(0, broker.Port);
    }

    [Fact]
    public async Task Influxd_with_a_user_refuses_strangers()
    {
        await using var influx = await Influxd.StartAsync("facility", "secret");
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(influx.Url, "query?q=SHOW+DATABASES"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
