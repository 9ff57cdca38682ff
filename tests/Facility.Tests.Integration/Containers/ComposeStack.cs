using System.Diagnostics;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Containers;

/// <summary>
/// <c>docker-compose.yml</c> with the profile <c>demo</c>, brought up from a copy of what it needs, with secrets and ports of its own.
/// Its volumes and secrets go with it.
/// </summary>
internal sealed class ComposeStack : IAsyncDisposable
{
    // The longest step publishes two programs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();
    private readonly string _project = $"facility-{Guid.NewGuid():N}"[..17];
    private readonly string[] _compose;
    private readonly Dictionary<string, string> _environment;

    private ComposeStack(string[] compose)
    {
        _compose = compose;
        _environment = new()
        {
            ["FACILITY_BROKER_IMAGE"] = "facility-test/mosquitto",
            ["FACILITY_INFLUXDB_IMAGE"] = "facility-test/influxdb",
            ["FACILITY_PORT"] = $"{Here.FreePort()}",
            ["FACILITY_BROKER_ADDRESS"] = "127.0.0.1",
            ["FACILITY_BROKER_PORT"] = $"{Here.FreePort()}",
            ["FACILITY_DEMO_SPEED"] = "600",
        };
    }

    public Uri Server => new($"http://127.0.0.1:{_environment["FACILITY_PORT"]}");

    public int BrokerPort => int.Parse(_environment["FACILITY_BROKER_PORT"], System.Globalization.CultureInfo.InvariantCulture);

    public static async Task<ComposeStack> UpAsync()
    {
        await DockerEngine.RequireImagesAsync("docker-compose.yml");
        string[]? compose = await RunAsync(null, ["docker", "compose", "version"]) is { Code: 0 } ? ["docker", "compose"]
            : Service.Find("docker-compose") is not null ? ["docker-compose"] : null;
        Assert.SkipWhen(compose is null, "docker-compose is not installed (as root: apt-get install docker-compose): this test brings docker-compose.yml up.");
        var it = new ComposeStack(compose!);
        try
        {
            foreach (var part in new[] { "docker-compose.yml", "deploy", "seeds" })
            {
                await it.DoAsync("cp", "-r", Path.Combine(RunningProgram.Root, part), it._folder[part]);
            }

            await it.DoAsync("rm", "-rf", it._folder["deploy/secrets"]);
            await it.DoAsync(it._folder["deploy/prepare"]);
            await it.DoAsync(Path.Combine(RunningProgram.Root, "deploy/images/build"), "--base", "facility-test/runtime");
            await it.ComposeAsync("--profile", "demo", "up", "-d");
            return it;
        }
        catch
        {
            await it.DisposeAsync();
            throw;
        }
    }

    /// <summary>A file that <c>deploy/prepare</c> made.</summary>
    public string Secret(string name) => _folder[Path.Combine("deploy/secrets", name)];

    public Task<string> ComposeAsync(params string[] arguments) => DoAsync([.. _compose, "-p", _project, .. arguments]);

    /// <summary>What a format of <c>docker inspect</c> says of a service's container.</summary>
    public async Task<string> InspectAsync(string service, string format) =>
        (await DoAsync("docker", "inspect", "--format", format, (await ComposeAsync("ps", "-q", service)).Trim())).Trim();

    public async ValueTask DisposeAsync()
    {
        await RunAsync(this, [.. _compose, "-p", _project, "--profile", "demo", "down", "-v", "--timeout", "5"]);
        _folder.Dispose();
    }

    private async Task<string> DoAsync(params string[] command)
    {
        var (code, output) = await RunAsync(this, command);
        return code == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {code}:\n{output}");
    }

    private static async Task<(int Code, string Output)> RunAsync(ComposeStack? stack, string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (stack is not null)
        {
            start.WorkingDirectory = stack._folder.Path;
            foreach (var (name, value) in stack._environment)
            {
                start.Environment[name] = value;
            }
        }

        try
        {
            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(Patience);
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await errors);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (127, e.Message);
        }
    }
}
