using System.IO.Compression;
using Facility.Server.Adapters;
using Facility.Server.Ports;
using Facility.Tests.Programs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Facility.Tests.Integration.Series;

/// <summary>Answers that a healthy InfluxDB seldom gives, from a server of our own on loopback.</summary>
public sealed class InfluxFailureTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private readonly SetAside _setAside = new();
    private readonly HashSet<string> _stored = [];
    private int _writes;
    private WebApplication _app = null!;
    private InfluxSeriesStore _store = null!;

    /// <summary>What /write does with its lines: a status and a body.</summary>
    private Func<IReadOnlyList<string>, CancellationToken, Task<(int Status, string Body)>> _answer = (_, _) => Task.FromResult((204, ""));

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapPost("/query", () => Results.Text("""
            {"results":[{"series":[{"columns":["name","duration"],"values":[["facility_raw","0s"],["facility_kept","0s"]]}]}]}
            """));
        _app.MapPost("/write", async (HttpRequest request) =>
        {
            _writes++;
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            body.Position = 0;
            using var text = new StreamReader(new GZipStream(body, CompressionMode.Decompress));
            var lines = (await text.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var (status, answer) = await _answer(lines, request.HttpContext.RequestAborted);
            return answer.Length == 0 ? Results.StatusCode(status) : Results.Text(answer, statusCode: status);
        });
        await _app.StartAsync();
        var url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        _store = new InfluxSeriesStore(new InfluxOptions(new Uri(url), Timeout: TimeSpan.FromSeconds(3)), _setAside);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData(500, "cannot take it now (500): broken")]
    [InlineData(503, "cannot take it now (503): broken")]
    [InlineData(429, "cannot take it now (429): broken")]
    [InlineData(401, "refuses to work without a user or token: broken")]
    [InlineData(404, "no database 'facility'")]
    [InlineData(302, "does not do as InfluxDB (302)")]
    public async Task Such_an_answer_is_unavailable_once_and_nothing_is_set_aside(int status, string message)
    {
        _answer = (_, _) => Task.FromResult((status, """{"error":"broken"}"""));
        var error = await Assert.ThrowsAsync<SeriesUnavailableException>(() => WriteAsync(10));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, _writes);
        Assert.Empty(_setAside.Points);
    }

    [Theory]
    [InlineData(400, "partial write: points beyond retention policy dropped=3")]
    [InlineData(422, "failure writing points to database: partial write: dropped 3 points outside retention policy of duration 1h0m0s")]
    public async Task What_is_older_than_the_retention_is_counted_and_never_sent_again(int status, string message)
    {
        _answer = (_, _) => Task.FromResult((status, $$"""{"error":"{{message}}"}"""));
        await WriteAsync(10);
        Assert.Equal(3, _store.DroppedByRetention);
        Assert.Equal(1, _writes);
        Assert.Empty(_setAside.Points);
    }

    [Fact]
    public async Task A_server_that_hangs_is_unavailable_after_the_time_out()
    {
        _answer = async (_, aborted) =>
        {
            await Task.Delay(Timeout.Infinite, aborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return (204, "");
        };
        var error = await Assert.ThrowsAsync<SeriesUnavailableException>(() => WriteAsync(10));
        Assert.Contains("did not answer within 3 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_stops_waiting_gets_a_cancellation_and_no_story_about_the_server()
    {
        using var stop = new CancellationTokenSource();
        _answer = async (_, _) =>
        {
            await stop.CancelAsync();
            return (204, "");
        };
        await _store.PrepareAsync(CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.WriteAsync(Points(10_001), [], stop.Token));
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_sent_in_smaller_parts()
    {
        _answer = (lines, _) => Task.FromResult(lines.Count > 100 ? (413, "") : Store(lines));
        await WriteAsync(1_000);
        Assert.Equal(1_000, _stored.Count);
        Assert.Empty(_setAside.Points);
    }

    [Fact]
    public async Task A_partial_write_that_stored_half_ends_with_every_good_point_stored_and_the_bad_ones_set_aside()
    {
        _answer = (lines, _) =>
        {
            var bad = lines.Where(line => line.Contains("sensor=bad", StringComparison.Ordinal)).ToList();
            var (status, body) = Store(bad.Count > 0 ? [.. lines.Take(lines.Count / 2).Except(bad)] : lines);
            return Task.FromResult(bad.Count > 0 ? (400, """{"error":"partial write: field type conflict dropped=2"}""") : (status, body));
        };
        var points = Points(2_000);
        points[7] = points[7] with { Sensor = "bad" };
        points[1_999] = points[1_999] with { Sensor = "bad" };
        await _store.WriteAsync(points, [], CancellationToken.None);
        Assert.Equal(1_998, _stored.Count);
        Assert.Equal(2, _setAside.Count);
        Assert.All(_setAside.Points, point => Assert.Contains("field type conflict", point.Reason, StringComparison.Ordinal));
        Assert.InRange(_writes, 1, 60);
    }

    [Fact]
    public async Task No_request_holds_more_than_five_thousand_lines()
    {
        var largest = 0;
        _answer = (lines, _) =>
        {
            largest = Math.Max(largest, lines.Count);
            return Task.FromResult(Store(lines));
        };
        await WriteAsync(12_001);
        Assert.Equal(5_000, largest);
        Assert.Equal(12_001, _stored.Count);
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_is_no_InfluxDB_says_so()
    {
        using var nobody = new InfluxSeriesStore(new InfluxOptions(new Uri($"http://127.0.0.1:{Here.FreePort()}")), _setAside);
        var error = await Assert.ThrowsAsync<SeriesUnavailableException>(() => nobody.PrepareAsync(CancellationToken.None));
        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new InfluxSeriesStore(new InfluxOptions(new Uri("ftp://localhost")), _setAside));
        Assert.Throws<ArgumentException>(() => new InfluxSeriesStore(new InfluxOptions(new Uri("http://localhost"), RawRetention: TimeSpan.FromMinutes(5)), _setAside));
    }

    [Fact]
    public async Task Points_set_aside_are_kept_in_a_file_until_it_is_full_and_always_counted()
    {
        using var folder = new Services.TemporaryFolder();
        var file = new UnwritableFile(folder["unwritable.jsonl"], NullLogger<UnwritableFile>.Instance, maxBytes: 1_000);
        for (var i = 0; i < 100; i++)
        {
            file.SetAside($"event,sensor=\"{i}\"\n", "field type conflict");
        }

        Assert.Equal(100, file.Count);
        Assert.InRange(new FileInfo(folder["unwritable.jsonl"]).Length, 500, 1_000);
        Assert.All(await File.ReadAllLinesAsync(folder["unwritable.jsonl"]), line => Assert.Contains("field type conflict", line, StringComparison.Ordinal));
        new UnwritableFile(folder["no/such/folder"], NullLogger<UnwritableFile>.Instance).SetAside("point", "reason");
    }

    private (int Status, string Body) Store(IReadOnlyList<string> lines)
    {
        // Two requests are under way at once.
        lock (_stored)
        {
            _stored.UnionWith(lines);
        }

        return (204, "");
    }

    private Task WriteAsync(int count) => _store.WriteAsync(Points(count), [], CancellationToken.None);

    private static EventPoint[] Points(int count) =>
        [.. Enumerable.Range(1, count).Select(seq => new EventPoint("ratelaar", "ratelaar-01", Guid.Empty, seq, Start.AddSeconds(seq), "good", "passage", 1, "main", true))];
}
