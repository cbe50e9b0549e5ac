using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Migrator.App.Formatting;
using Migrator.Core.Redaction;

namespace Migrator.App.Logging;

/// <summary>Lines for the journal: its own prefix for the level (sd-daemon(3)), and one line for each entry, since the journal takes each
/// line for an entry.</summary>
public sealed class SystemdFormatter() : ConsoleFormatter(Format)
{
    public const string Format = "Systemd";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var text = logEntry.Exception is { } exception ? $"{message} {exception}" : message;
        textWriter.Write(
            $"<{Priority(logEntry.LogLevel)}>{logEntry.Category}[{logEntry.EventId.Id}] "
                + $"{SecretRedactor.Redact(text).ReplaceLineEndings(" ")}\n"
        );
    }

    private static int Priority(LogLevel level) =>
        level switch
        {
            LogLevel.Trace or LogLevel.Debug => 7,
            LogLevel.Information => 6,
            LogLevel.Warning => 4,
            LogLevel.Error => 3,
            _ => 2,
        };
}
