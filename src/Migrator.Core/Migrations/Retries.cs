using Microsoft.Extensions.Logging;
using Migrator.Core.Failures;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>Which failures are tried again, how often, and after how long: the same for the first connection and for every later
/// one.</summary>
internal sealed class Retries(TimeProvider time, RunProgress progress, ILogger log)
{
    /// <summary>Times without any progress in between, waiting 1, 2, 4 … s.</summary>
    public const int Most = 6;

    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

    /// <summary>A longer one ends the run: who runs it waits without a connection, as each login counts against a limit.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    /// <summary>Whether another attempt may succeed.</summary>
    // A server that was reached once and now refuses connections is being restarted; a refused login is never tried again, or the account
    // would be locked.
    public static bool MayPass(MailException exception, SessionPair sessions) =>
        !(exception.RetryAfter > LongestPause)
        && (
            exception.Reason.Scope == FailureScope.Session
            || (
                sessions.WasOpen
                && exception.Reason is var reason
                && (reason == Reason.ConnectionRefused || reason == Reason.HostUnknown || reason == Reason.TlsMode)
            )
        );

    /// <param name="sessions">Opened before each attempt where they are not open, and closed after each failure.</param>
    /// <param name="phase">What the step is, as text for a person.</param>
    /// <param name="step">May be repeated.</param>
    public async Task<T> RunAsync<T>(SessionPair sessions, string phase, Func<Task<T>> step, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                progress.Phase = "Connecting";
                await sessions.EnsureOpenAsync(cancellationToken);
                progress.Phase = phase;
                return await step();
            }
            catch (MailException exception) when (tries < Most && MayPass(exception, sessions))
            {
                await sessions.CloseAsync();
                await WaitAsync(exception, tries, cancellationToken);
            }
        }
    }

    /// <param name="tries">Failures in a row, 1 or more.</param>
    public async Task WaitAsync(MailException exception, int tries, CancellationToken cancellationToken)
    {
        var wait = exception.RetryAfter ?? TimeSpan.FromSeconds(Math.Min(Math.Pow(2, tries - 1), s_longestWait.TotalSeconds));
        log.Retrying(exception.Message, wait.TotalSeconds);
        progress.Notice($"{exception.Message} Trying again in {wait.TotalSeconds:0} s.");
        progress.Observer?.BackedOff(exception.Reason.Code);
        await Task.Delay(wait, time, cancellationToken);
    }
}
