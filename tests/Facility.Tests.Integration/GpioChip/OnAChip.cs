namespace Facility.Tests.Integration.GpioChip;

/// <summary>
/// Facility.Tests.Chip on chips of the kernel's gpio-sim in an arm64 VM: the contract suite of the pins, and the published native
/// program from the pins to a broker.
/// </summary>
[Trait("length", "long")]
public sealed class OnAChip(ITestOutputHelper output)
{
    [Fact]
    public Task Both_adapters_of_a_chip_pass_the_contract_suite_of_pins() =>
        PassAsync(15, "SimulatedPinsTests", "KernelGpioPinsTests", "SystemDeviceGpioPinsTests", "ChoiceOfChip");

    [Fact]
    public async Task The_published_edge_tells_what_happens_at_its_pins()
    {
        await GpioVm.TakeEdgeAsync();
        await PassAsync(6, "EdgeOnAChip");
    }

    private async Task PassAsync(int atLeast, params string[] classes)
    {
        await GpioVm.PublishSelfContainedAsync("tests/Facility.Tests.Chip");

        // The mark of systemd-timesyncd: the guest's clock is set.
        var told = await GpioVm.RunAsync($"""
            mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized
            gpio-chip other 4
            export FACILITY_TEST_GPIOCHIP_FOLDER=$(gpio-chip facility-test 26) FACILITY_TEST_GPIOCHIP=facility-test
            export FACILITY_TEST_EDGE=/payload/Facility.Edge/facility-edge
            ./Facility.Tests.Chip/Facility.Tests.Chip -noColor {string.Join(' ', classes.Select(name => "-class Facility.Tests.Chip." + name))}
            """);
        output.WriteLine(told);
        Assert.Contains("Failed: 0, Skipped: 0", told, StringComparison.Ordinal);
        Assert.InRange(told.Split("Total: ")[1].TakeWhile(char.IsAsciiDigit).Aggregate(0, (n, digit) => n * 10 + digit - '0'), atLeast, int.MaxValue);
    }
}
