namespace Migrator.Core.Reports;

/// <summary>Why a mailbox is not OK.</summary>
/// <param name="Code">Stable: the code of a failure, or the kind of a difference.</param>
/// <param name="Count">Messages or folders that it concerns; 0 where it concerns the mailbox as a whole.</param>
/// <param name="Detail">What happened; of several, to the first.</param>
/// <param name="Hint">The next step.</param>
public sealed record MailboxReason(string Code, long Count, string Detail, string Hint);
