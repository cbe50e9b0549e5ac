using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <param name="Content">Known once captured.</param>
/// <param name="Size">The source's RFC822.SIZE when found, the true number of bytes once captured.</param>
/// <param name="Flags">The source's flags that the target has been, or will be, given.</param>
/// <param name="TargetUid">Its UID in the target folder, once delivered; 0 before, and where the target moved it away before its UID was
/// known.</param>
/// <param name="Intent">Set while <see cref="MessageState.Sending"/>, and while <see cref="MessageState.Failed"/> if the target may
/// have taken it; once delivered, only until its copy is found, where an earlier append may have been taken as well.</param>
/// <param name="Reason">The code of a <see cref="Failures.Reason"/>, while <see cref="MessageState.Failed"/>; while
/// <see cref="MessageState.Differs"/>, in what, with a comma between several; the same of what was delivered and is
/// <see cref="MessageState.Vanished"/> or <see cref="MessageState.Superseded"/> now, or <c>Unchecked</c>.</param>
/// <param name="Detail">As text, often the server's own, while failed; while <see cref="MessageState.Differs"/>, what the target has
/// instead, a line for each of <paramref name="Reason"/>.</param>
/// <param name="TargetContent">What the target stores instead of <paramref name="Content"/>; null where it stores that, or was not
/// read.</param>
public sealed record MessageRecord(
    Uid Uid,
    MessageState State,
    ContentId? Content,
    long Size,
    FlagSet Flags,
    DateTimeOffset InternalDate,
    TargetUid TargetUid = default,
    AppendIntent? Intent = null,
    string? Reason = null,
    string? Detail = null,
    ContentId? TargetContent = null
)
{
    /// <summary>The copy at <see cref="TargetUid"/> was made by Migrator, as the target's answers prove, and is not known to have been
    /// changed by anyone else since. Only such a copy may be moved or removed.</summary>
    public bool IsOurs { get; init; }
}
