using Migrator.Core.Failures;

namespace Migrator.Core.JobRuns;

/// <param name="Mailbox">Its name within the job.</param>
/// <param name="Source">The account that mail comes from, such as <c>imap://ann@old.example:993</c>: only one run is at it at a
/// time.</param>
/// <param name="Target">Likewise where mail goes; for an archive, the archive and the account, as archives take many mailboxes at
/// once.</param>
/// <param name="Hosts">The hosts that it keeps busy, lower case, each once.</param>
/// <param name="Wrong">Why it cannot be run at all (an error in its row); null where it can.</param>
public sealed record PlannedMailboxRun(string Mailbox, string Source, string Target, IReadOnlyList<string> Hosts, Failure? Wrong);
