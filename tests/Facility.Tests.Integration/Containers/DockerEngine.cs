using System.Diagnostics;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Images;

namespace Facility.Tests.Integration.Containers;

/// <summary>
/// Containers for tests: on a Docker engine that answers, or one that <c>tests/docker/engine</c> can start. An image of
/// <c>tests/docker/images</c> is used where it is there or can be built, and else the official one is pulled. Where neither can be
/// had the test is skipped, by name and reason.
/// </summary>
internal static class DockerEngine
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly Lazy<Task<string?>> Problem = new(StartAsync);
    private static readonly Lazy<Task<string?>> Images = new(() => ScriptAsync("images"));

    /// <param name="name">Of the image: <c>influxdb</c> or <c>mosquitto</c>.</param>
    /// <param name="official">The image to pull where there is none of our own.</param>
    public static async Task<IContainer> RunAsync(string name, string official, ushort port, Func<ContainerBuilder, ContainerBuilder> configure)
    {
        var problem = await Problem.Value;
        Assert.SkipWhen(problem is not null, $"No Docker engine for the {name} container: {problem}");
        var own = await Images.Value is null;
        var image = own ? $"facility-test/{name}" : Environment.GetEnvironmentVariable($"FACILITY_TEST_IMAGE_{name.ToUpperInvariant()}") ?? official;
        var builder = new ContainerBuilder(image).WithImagePullPolicy(own ? PullPolicy.Never : PullPolicy.Missing).WithPortBinding(port, assignRandomHostPort: true);
        IContainer? container = null;
        try
        {
            container = (own ? builder : configure(builder)).Build();
            using var patience = new CancellationTokenSource(Patience);
            await container.StartAsync(patience.Token);
            return container;
        }
        catch (Exception e) when (!own)
        {
            if (container is not null)
            {
                await container.DisposeAsync();
            }

            Assert.Skip($"The image {image} can be neither built here nor pulled: {e.Message}");
            throw;
        }
    }

    /// <summary>An engine with the images of <c>tests/docker/images</c>; skips the test by name and reason where they cannot be had.</summary>
    public static async Task RequireImagesAsync(string what)
    {
        var problem = await Problem.Value;
        Assert.SkipWhen(problem is not null, $"No Docker engine for {what}: {problem}");
        problem = await Images.Value;
        Assert.SkipWhen(problem is not null, $"No images of this machine's packages for {what}: {problem}");
    }

    /// <summary>Null when an engine answers; otherwise why not.</summary>
    private static async Task<string?> StartAsync()
    {
        var problem = await ScriptAsync("engine", line =>
        {
            if (line.Split('=', 2) is ["DOCKER_HOST", var host])
            {
                Environment.SetEnvironmentVariable("DOCKER_HOST", host);
            }
        });

        // Ryuk, the container that clears up, comes from a registry; we dispose of ours ourselves. Apt's engine speaks 1.41.
        SetDefault("TESTCONTAINERS_RYUK_DISABLED", "true");
        SetDefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");
        SetDefault("DOCKER_API_VERSION", "1.41");
        return problem;

        static void SetDefault(string name, string value) =>
            Environment.SetEnvironmentVariable(name, Environment.GetEnvironmentVariable(name) ?? value);
    }

    /// <summary>Runs a script of <c>tests/docker</c>; null when it did its work, otherwise its last words.</summary>
    private static async Task<string?> ScriptAsync(string name, Action<string>? line = null)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Facility.sln")))
        {
            folder = folder.Parent;
        }

        if (folder is null || !OperatingSystem.IsLinux())
        {
            return "tests/docker is not above the tests, or this is not Linux";
        }

        // To a file, not a pipe: the engine outlives the script, and would hold a pipe open.
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("bash", ["-c", "exec \"$0\" >\"$1\" 2>&1", Path.Combine(folder.FullName, "tests/docker", name), output]);
            using var script = Process.Start(start)!;
            using var patience = new CancellationTokenSource(Patience);
            await script.WaitForExitAsync(patience.Token);
            var lines = await File.ReadAllLinesAsync(output, patience.Token);
            foreach (var said in lines)
            {
                line?.Invoke(said);
            }

            return script.ExitCode == 0 ? null : string.Join(' ', lines.TakeLast(3));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.ComponentModel.Win32Exception)
        {
            return $"tests/docker/{name}: {e.Message}";
        }
        finally
        {
            File.Delete(output);
        }
    }
}
