using Facility.Contracts;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Facility.Server;

/// <summary>
/// The log as the console's simple form writes it, in which nobody's text can look like an entry of its own or move the terminal:
/// an entry starts at the margin, its message is one line, and what is hidden is not in it.
/// </summary>
internal sealed class SafeConsole() : ConsoleFormatter(Form)
{
    public const string Form = "safe";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        // What a client of the hub did wrong it is told; it may do so a thousand times a second.
        if (logEntry.Exception is HubException)
        {
            return;
        }

        textWriter.WriteLine($"{Word(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}]");
        textWriter.WriteLine("      " + SafeText.Clean(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        foreach (var line in logEntry.Exception?.ToString().ReplaceLineEndings("\n").Split('\n') ?? [])
        {
            textWriter.WriteLine("      " + SafeText.Clean(line));
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
