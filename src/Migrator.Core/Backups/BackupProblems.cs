using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>What is for a person to find out although the snapshot that was written lacks nothing.</summary>
internal static class BackupProblems
{
    public static async Task<IReadOnlyList<Failure>> FindAsync(
        Archive archive,
        SnapshotWriter writer,
        RunOutcome outcome,
        ShrunkRule rule,
        Action<string> notice,
        CancellationToken stop
    )
    {
        var problems = new List<Failure>();
        if (writer.SetBack is { } setBack)
            problems.Add(Failure.Of(Reason.ArchiveSetBack, setBack));
        // Of a run that did not get everything nobody knows what the mailbox has lost.
        if (outcome == RunOutcome.Complete && await Shrinkage.FindAsync(archive, writer.Names, rule, stop) is { } shrunk)
            problems.Add(Failure.Of(Reason.MailboxShrunk, shrunk.Words));
        foreach (var problem in problems)
            notice(problem.Detail);
        return problems;
    }
}
