using Migrator.Core.Redaction;

namespace Migrator.Core.Failures;

/// <summary>Something that could not be done. The message says what happened and where, without secrets; the <see cref="Reason"/> says
/// which kind it is, what to do, and whether trying again may help.</summary>
public abstract class MigratorException(Reason reason, string message, Exception? inner = null)
    : Exception(SecretRedactor.Redact(message), inner)
{
    public Reason Reason { get; } = reason;

    /// <summary>In one line, for reports: the message, and with it what a terminal shows in lines of its own.</summary>
    public virtual string Detail => Message;
}
