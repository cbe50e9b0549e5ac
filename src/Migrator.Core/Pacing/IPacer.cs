using Migrator.Core.Failures;

namespace Migrator.Core.Pacing;

/// <summary>Keeps one account within its limits: asked before each unit of work.</summary>
public interface IPacer
{
    /// <summary>False where no call waits.</summary>
    bool HasLimits { get; }

    /// <summary>Waits until so many messages may be transferred.</summary>
    /// <param name="messages">May be 0.</param>
    /// <param name="bytes">That are certain to follow; 0 where it is not known how many, and 1 is enough.</param>
    /// <exception cref="MailException"><see cref="Reason.DailyLimit"/>: not before <see cref="MailException.RetryAfter"/>.</exception>
    ValueTask AdmitAsync(TransferDirection direction, int messages, long bytes, CancellationToken cancellationToken);
}
