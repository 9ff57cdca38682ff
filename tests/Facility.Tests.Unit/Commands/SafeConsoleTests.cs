using Facility.Server;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Facility.Tests.Unit.Commands;

/// <summary>Nobody's text makes an entry of the log that the server did not write.</summary>
public sealed class SafeConsoleTests
{
    [Theory]
    [InlineData("plain", "warn: Facility[7]\n      plain\n")]
    [InlineData("batau\ninfo: Facility[0]\n      all is well", "warn: Facility[7]\n      batau info: Facility[0]       all is well\n")]
    [InlineData("\u001b[2J\u202Ereversed\0", "warn: Facility[7]\n      [2Jreversed\n")]
    public void An_entry_is_one_line_without_what_is_hidden(string text, string written) => Assert.Equal(written, Written(text, null));

    [Fact]
    public void An_error_that_says_something_hostile_stays_behind_the_margin()
    {
        var lines = Written("failed", new InvalidOperationException("x\ncrit: Facility[0]\n\u001b[31m")).TrimEnd('\n').Split('\n');
        Assert.All(lines.Skip(1), line => Assert.StartsWith("      ", line));
        Assert.DoesNotContain(lines, line => line.Contains('\u001b'));
    }

    [Fact]
    public void What_a_client_of_the_hub_did_wrong_is_told_to_it_and_not_to_the_log() => Assert.Equal("", Written("failed", new HubException("there is no site x")));

    private static string Written(string text, Exception? error)
    {
        using var log = new StringWriter { NewLine = "\n" };
        new SafeConsole().Write(new LogEntry<string>(LogLevel.Warning, "Facility", 7, text, error, (state, _) => state), null, log);
        return log.ToString();
    }
}
