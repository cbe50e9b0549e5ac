using System.Runtime.ExceptionServices;
using Migrator.Core.Failures;

namespace Migrator.Core.Mail;

/// <summary>What became of an append, also where it ended early.</summary>
/// <param name="Messages">One entry for each message that was given, in the same order.</param>
/// <param name="Interruption">What ended the append before every message was <see cref="AppendState.Stored"/> or refused: a
/// <see cref="MailException"/> of scope <see cref="FailureScope.Folder"/> or wider, or the cancellation. Null where nothing did.</param>
public sealed record AppendResult(IReadOnlyList<AppendedMessage> Messages, Exception? Interruption)
{
    /// <summary>To be called once the results are recorded.</summary>
    public void ThrowIfInterrupted()
    {
        if (Interruption is not null)
            ExceptionDispatchInfo.Throw(Interruption);
    }
}
