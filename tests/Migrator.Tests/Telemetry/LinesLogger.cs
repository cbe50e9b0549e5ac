using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Migrator.Tests.Telemetry;

/// <summary>Keeps what a formatter makes of log entries.</summary>
internal sealed class LinesLogger(ConsoleFormatter formatter) : ILogger
{
    private readonly StringWriter _written = new();

    public string Written => _written.ToString();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> text
    ) => formatter.Write(new LogEntry<TState>(logLevel, "Migration", eventId, state, exception, text), null, _written);
}
