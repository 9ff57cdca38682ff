namespace Facility.Tests.Integration.GpioChip;

/// <summary>The contract suite of the pins, on chips of the kernel's gpio-sim in an arm64 VM.</summary>
[Trait("length", "long")]
public sealed class PinsOnAChip(ITestOutputHelper output)
{
    [Fact]
    public async Task Both_adapters_of_a_chip_pass_the_contract_suite_of_pins()
    {
        var tests = await GpioVm.PublishSelfContainedAsync("tests/Facility.Tests.Chip");
        var told = await GpioVm.RunAsync(tests, """
            gpio-chip other 4
            export FACILITY_TEST_GPIOCHIP_FOLDER=$(gpio-chip facility-test 8) FACILITY_TEST_GPIOCHIP=facility-test
            ./Facility.Tests.Chip -noColor
            """);
        output.WriteLine(told);
        Assert.Contains("Failed: 0, Skipped: 0", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Total: 0", told, StringComparison.Ordinal);
    }
}
