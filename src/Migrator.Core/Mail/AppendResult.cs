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

/// <param name="State">Whether it is at the target.</param>
/// <param name="Uid">Its UID if <see cref="AppendState.Stored"/>; 0 where the server does not tell (no UIDPLUS, RFC 4315), and in every
/// other state.</param>
/// <param name="Refusal">What the server said to it; not null exactly where it was <see cref="AppendState.Refused"/> or
/// <see cref="AppendState.RefusedTogether"/>. Of scope <see cref="FailureScope.Message"/>, or <see cref="FailureScope.Mailbox"/> for a full
/// mailbox.</param>
/// <param name="UidValidity">Of the folder that it was stored in, where the server tells; else 0. Another than the folder had means that it
/// was recreated.</param>
public readonly record struct AppendedMessage(
    AppendState State,
    TargetUid Uid = default,
    MailException? Refusal = null,
    UidValidity UidValidity = default
);

/// <summary>Whether a message that was to be appended is at the target.</summary>
public enum AppendState
{
    /// <summary>It is not there, for certain: it was not sent, or it was answered by a refusal that concerns the connection or the folder
    /// and not this message. Send it again once the interruption is over.</summary>
    NotSent,

    /// <summary>The server answered OK.</summary>
    Stored,

    /// <summary>The server refused this message; it is not there.</summary>
    Refused,

    /// <summary>One answer refused it together with others (MULTIAPPEND); any of them may be to blame. None of them should be there (RFC
    /// 3502), but some servers keep those that came before the one they refuse: look before sending it again.</summary>
    RefusedTogether,

    /// <summary>It was sent, at least in part, and not answered for. It may be there, and it may still arrive: look before sending it
    /// again.</summary>
    Unknown,
}
