using Migrator.Core.Archives;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <param name="Mailbox">What it is called; what its snapshots are filed under where none can be read.</param>
/// <param name="Tested">Null where none can be read.</param>
/// <param name="Failures">Messages that cannot be restored.</param>
/// <param name="Wrong">What else is wrong.</param>
/// <param name="Proof">To be remembered.</param>
internal sealed record TestedMailbox(
    string Mailbox,
    FolderProgress? Tested,
    IReadOnlyList<MessageFailure> Failures,
    IReadOnlyList<string> Wrong,
    Proof Proof
)
{
    public bool IsProved => Failures.Count == 0 && Wrong.Count == 0;
}
