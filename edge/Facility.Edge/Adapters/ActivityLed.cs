using Facility.Edge.Ports;

namespace Facility.Edge.Adapters;

/// <summary>
/// The activity LED of a Raspberry Pi by the kernel's LED class (Documentation/leds/leds-class.rst): what normally moves it, its
/// trigger, is put aside and put back.
/// </summary>
/// <remarks>Writing there needs root, or a udev rule and a unit that let this user do so.</remarks>
internal sealed class ActivityLed(string folder, TimeProvider time) : IBeacon
{
    private static readonly string[] Names = ["ACT", "led0"];
    private static readonly TimeSpan Half = TimeSpan.FromMilliseconds(250);

    public async Task BlinkAsync(TimeSpan duration)
    {
        var led = Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists)
            ?? throw new IOException($"there is no {string.Join(" or ", Names)} in {folder}");
        var (trigger, brightness) = (Path.Combine(led, "trigger"), Path.Combine(led, "brightness"));
        try
        {
            // The active one stands in brackets: none [mmc0] timer
            var before = File.ReadAllText(trigger).Split(' ', '\n').FirstOrDefault(name => name.StartsWith('['))?.Trim('[', ']') ?? "none";
            File.WriteAllText(trigger, "none");
            try
            {
                for (var passed = TimeSpan.Zero; passed < duration; passed += 2 * Half)
                {
                    File.WriteAllText(brightness, "1");
                    await Task.Delay(Half, time).ConfigureAwait(false);
                    File.WriteAllText(brightness, "0");
                    await Task.Delay(Half, time).ConfigureAwait(false);
                }
            }
            finally
            {
                File.WriteAllText(trigger, before);
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
