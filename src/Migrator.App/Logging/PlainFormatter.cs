using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Migrator.App.Formatting;
using Migrator.Core.Redaction;

namespace Migrator.App.Logging;

/// <summary>Short lines for a person: time, level, what happened. What a server says cannot get at the terminal with it.</summary>
public sealed class PlainFormatter(TimeProvider? time = null) : ConsoleFormatter(Format)
{
    public const string Format = "Plain";

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = SecretRedactor.Redact(logEntry.Formatter(logEntry.State, logEntry.Exception));
        textWriter.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{_time.GetLocalNow():HH:mm:ss} {Word(logEntry.LogLevel)} {TextSanitizer.ForTerminal(message)}"
            )
        );
        if (logEntry.Exception is not { } exception)
            return;
        foreach (var line in SecretRedactor.Redact(exception.ToString()).Split('\n'))
            textWriter.WriteLine($"         {TextSanitizer.ForTerminal(line.TrimEnd('\r'))}");
    }

    private static string Word(LogLevel level) =>
        level switch
        {
            LogLevel.Trace or LogLevel.Debug => "debug",
            LogLevel.Information => "info ",
            LogLevel.Warning => "warn ",
            _ => "ERROR",
        };
}
