using Facility.Edge.Adapters;
using Facility.Edge.Ports;

namespace Facility.Tests.Chip;

/// <summary>
/// The chip that the kernel's gpio-sim makes in the VM of tests/gpio-vm; skips the test where there is none. Its <c>pull</c>
/// files move the lines; a claimed line first follows the pull that it was claimed with.
/// </summary>
internal static class RealChip
{
    // A line is claimed once.
    public const string OneAtATime = "the chip";

    private static readonly string? Folder = Environment.GetEnvironmentVariable("FACILITY_TEST_GPIOCHIP_FOLDER");

    /// <summary>Named by FACILITY_TEST_GPIOCHIP; its folder in /sys by FACILITY_TEST_GPIOCHIP_FOLDER.</summary>
    public static string Label()
    {
        var label = Environment.GetEnvironmentVariable("FACILITY_TEST_GPIOCHIP");
        Assert.SkipWhen(
            string.IsNullOrEmpty(label) || string.IsNullOrEmpty(Folder),
            "no GPIO chip here (FACILITY_TEST_GPIOCHIP names none); the test GpioChip.OnAChip runs this in a VM that has one");
        return label!;
    }

    public static string Name()
    {
        _ = Label();
        return Path.GetFileName(Folder!);
    }

    public static string PullFile(int line) => Path.Combine(Folder!, $"sim_gpio{line}", "pull");

    /// <summary>Line 2 of the contract is active low.</summary>
    public static Task DriveAsync(int line, bool level) =>
        File.WriteAllTextAsync(PullFile(line), level == (line == 2) ? "pull-down" : "pull-up");
}

[Collection(RealChip.OneAtATime)]
public class KernelGpioPinsTests : PinsContract
{
    internal override IPins Create() => new KernelGpioPins(RealChip.Label());

    internal override Task DriveAsync(IPins pins, int line, bool level) => RealChip.DriveAsync(line, level);
}

[Collection(RealChip.OneAtATime)]
public class SystemDeviceGpioPinsTests : PinsContract
{
    internal override IPins Create() => New(RealChip.Label());

    internal override Task DriveAsync(IPins pins, int line, bool level) => RealChip.DriveAsync(line, level);

    internal static SystemDeviceGpioPins New(string chip) => new(chip, new SystemClock(TimeProvider.System, alwaysSynced: true));
}

/// <summary>Both adapters find the chip they are told, on a machine with more than one.</summary>
[Collection(RealChip.OneAtATime)]
public class ChoiceOfChip
{
    private static readonly PinLine[] TheLastLine = [new(7, Pull.None, false, TimeSpan.Zero)];

    private static IPins Create(string driver, string chip) => driver == "kernel" ? new KernelGpioPins(chip) : SystemDeviceGpioPinsTests.New(chip);

    // The other chip has fewer lines than this one.
    [Theory]
    [InlineData("kernel")]
    [InlineData("system")]
    public void A_chip_is_found_by_its_label_and_by_its_name(string driver)
    {
        foreach (var chip in (string[])[RealChip.Label(), RealChip.Name()])
        {
            using var pins = Create(driver, chip);
            pins.Claim(TheLastLine);
            Assert.Single(pins.ReadLevels());
        }
    }

    [Theory]
    [InlineData("kernel")]
    [InlineData("system")]
    public void A_chip_that_is_not_there_is_told_with_those_that_are(string driver)
    {
        var name = RealChip.Name();
        using var pins = Create(driver, "no-such-chip");
        var error = Assert.Throws<PinsException>(() => pins.Claim(TheLastLine));
        Assert.Contains("\"no-such-chip\"", error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kernel")]
    [InlineData("system")]
    public void A_line_that_the_chip_does_not_have_or_that_is_taken_is_told(string driver)
    {
        var chip = RealChip.Label();
        using var beyond = Create(driver, chip);
        Assert.Contains("99", Assert.Throws<PinsException>(() => beyond.Claim([TheLastLine[0] with { Pin = 99 }])).Message, StringComparison.Ordinal);

        using var first = Create(driver, chip);
        first.Claim(TheLastLine);
        using var second = Create(driver, chip);
        Assert.Contains("7", Assert.Throws<PinsException>(() => second.Claim(TheLastLine)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernels_adapter_says_by_whom_a_line_is_taken_and_which_is_not_there()
    {
        using var first = Create("kernel", RealChip.Label());
        first.Claim(TheLastLine);
        using var second = Create("kernel", RealChip.Label());
        var error = Assert.Throws<PinsException>(() => second.Claim([TheLastLine[0], TheLastLine[0] with { Pin = 99 }]));
        Assert.EndsWith(
            "cannot claim pins 7, 99: pin 7 is in use by \"facility-edge\": stop the agent that runs; pin 99 is not on this chip", error.Message, StringComparison.Ordinal);
    }
}
