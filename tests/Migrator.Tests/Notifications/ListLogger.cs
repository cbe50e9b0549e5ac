using Microsoft.Extensions.Logging;

namespace Migrator.Tests.Notifications;

/// <summary>Keeps every message of every category.</summary>
internal sealed class ListLogger : ILoggerProvider, ILogger
{
    private readonly List<(int Id, string Text)> _entries = [];

    public string Everything
    {
        get
        {
            lock (_entries)
                return string.Join('\n', _entries.Select(entry => entry.Text));
        }
    }

    public IReadOnlyList<string> Of(int id)
    {
        lock (_entries)
            return [.. _entries.Where(entry => entry.Id == id).Select(entry => entry.Text)];
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> text)
    {
        lock (_entries)
            _entries.Add((eventId.Id, $"{text(state, exception)}{exception}"));
    }

    public void Dispose() { }
}
