using Migrator.Core.Failures;

namespace Migrator.Core.Mail;

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
)
{
    /// <summary>The refusal names the date as its reason.</summary>
    public bool RefusedForDate { get; init; }
}
