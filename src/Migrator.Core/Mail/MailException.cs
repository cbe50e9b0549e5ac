using Migrator.Core.Jobs;

namespace Migrator.Core.Mail;

/// <summary>Something that a server or the network did not do. The message says what happened and where; the
/// <see cref="Reason"/> says which kind it is and what to do.</summary>
public sealed class MailException(Reason reason, string message, Exception? inner = null) : Exception(Secrets.Redact(message), inner)
{
    public Reason Reason { get; } = reason;

    /// <summary>How long the server asked to be left alone; null where it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
