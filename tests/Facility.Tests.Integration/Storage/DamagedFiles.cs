using Facility.Server.Adapters;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Storage;

/// <summary>Files of the server that a failing disk has spoilt: what is made of the journal is made again, and the journal is never touched.</summary>
public sealed class DamagedFiles : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly int _http = Here.FreePort();
    private readonly int _mqtt = Here.FreePort();

    private string[] Options => ["--data", _folder["data"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{_mqtt}"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("occupancy.db", 0)]
    [InlineData("occupancy.db", 4096)]
    [InlineData("series.db", 0)]
    [InlineData("cursors.db", 0)]
    public async Task What_is_made_of_the_journal_is_set_aside_and_made_again(string file, int from)
    {
        await HavePeopleAsync();
        Spoil(file, from);
        await using var server = await RunningProgram.ReadyServerAsync(_http, Options);
        using var api = Api.Client(_http, _folder["data"]);
        await server.UntilAsync(async () => await Ratelaar.PassagesAsync(api) == 7 && await Ratelaar.HoldsAsync(api, 7), Soon);
        Assert.Contains($"{file} cannot be used", server.Output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder["data"], file + ".corrupt-*Z"));
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task A_damaged_journal_is_a_clear_error_and_stays_as_it_is(int from)
    {
        await HavePeopleAsync();
        Spoil("journal.db", from);
        var before = await File.ReadAllBytesAsync(_folder["data/journal.db"], TestContext.Current.CancellationToken);
        await using var server = RunningProgram.Server(["--urls", $"http://127.0.0.1:{_http}", .. Options]);
        Assert.Equal(1, await server.ExitAsync(Soon));
        Assert.Contains("journal.db is damaged", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder["data/journal.db"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void One_that_was_found_damaged_in_use_is_set_aside_at_the_next_start_and_the_newest_three_are_kept()
    {
        var (path, now) = (_folder["series.db"], new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
        for (var day = 0; day < 5; day++)
        {
            File.WriteAllText(path, "");
            Assert.False(DerivedFiles.SetAside(path, now, anyway: false));
            DerivedFiles.Condemn(path);
            Assert.True(DerivedFiles.SetAside(path, now.AddDays(day), anyway: false));
            Assert.False(DerivedFiles.SetAside(path, now, anyway: true));
        }

        Assert.Equal(
            ["series.db.corrupt-20261126T090000000Z", "series.db.corrupt-20261127T090000000Z", "series.db.corrupt-20261128T090000000Z"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    private async Task HavePeopleAsync()
    {
        await using var server = await RunningProgram.ReadyServerAsync(_http, Options);
        using var api = Api.Client(_http, _folder["data"]);
        await using var device = await TestDevice.ConnectAsync(_mqtt, "ratelaar", "ratelaar-01");
        await device.SendAsync(1, TestDevice.Event("main-door", "passage", "3"), TestDevice.Event("main-door", "passage", "4"));
        await server.UntilAsync(async () => await Ratelaar.PassagesAsync(api) == 7 && await Ratelaar.HoldsAsync(api, 7), Soon);
        Assert.Equal(0, await server.StopAsync());
    }

    private void Spoil(string file, int from)
    {
        using var spoilt = File.OpenWrite(_folder["data/" + file]);
        var length = spoilt.Length;
        Assert.True(length > from);
        spoilt.Position = from;
        spoilt.Write(Enumerable.Repeat((byte)0xa5, (int)(length - from)).ToArray());
    }
}
