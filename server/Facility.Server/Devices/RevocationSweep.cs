using Facility.Server.Ports;

namespace Facility.Server.Devices;

/// <summary>
/// Keeps the list of revoked certificates on disk as the register has it, and puts out who is revoked: at once, and again for a
/// minute, until a broker of one's own has read the list. Looks each five seconds, and as soon as the register changes.
/// </summary>
/// <remarks>A list that cannot be written, or a broker that is away, is tried again; readiness says so. After a restart of the server whoever was revoked lately is put out again.</remarks>
public sealed class RevocationSweep(
    DeviceRegister register, IDeviceStore store, IDeviceAuthority authority, IBrokerDoor door, TimeProvider time, ILogger<RevocationSweep> logger)
    : BackgroundService, Api.IReadiness
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim changed = new(0, 1);
    private string? published;

    public string? Problem { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        register.Changed += Wake;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await OnceAsync(stoppingToken);
                await changed.WaitAsync(Every, stoppingToken);
            }
        }
        finally
        {
            register.Changed -= Wake;
        }
    }

    /// <summary>One look: the list, and then the door, whatever came of the list.</summary>
    internal async Task OnceAsync(CancellationToken cancellation)
    {
        var revoked = register.Revoked;
        var list = string.Join(' ', revoked.Select(c => c.Serial).Order(StringComparer.Ordinal));
        var problem = list == published ? null : await TriedAsync("the list of revoked certificates is not written", () =>
        {
            authority.Publish(revoked, time.GetUtcNow());
            published = list;
            return Task.CompletedTask;
        });

        var since = time.GetUtcNow() - Again;
        var lately = store.Devices().Where(d => d.RevokedAt > since).Select(d => d.Device)
            .Concat(revoked.Where(c => door.KnowsCertificates && c.RevokedAt > since).Select(c => c.Device)).Distinct();
        foreach (var device in lately)
        {
            problem = await TriedAsync($"{device} is revoked and not put out of the broker", () => door.CutAsync(device, cancellation)) ?? problem;
        }

        if (problem is not null && problem != Problem && !cancellation.IsCancellationRequested)
        {
            logger.LogError("{Problem}. Trying again each {Every} s; nothing of a revoked device is taken meanwhile", problem, Every.TotalSeconds);
        }

        Problem = problem;
    }

    private static async Task<string?> TriedAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
#pragma warning disable CA1031 // Whatever it is, it is told and tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return $"{what}: {e.GetBaseException().Message}";
        }
    }

    private void Wake(string site, string device)
    {
        try
        {
            changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }
}
