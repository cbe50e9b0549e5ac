using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Finds mailboxes that have shrunk. That is worked out from the snapshots each time, and only that it was accepted is written
/// down: who can write beside the archive can take an acceptance away, but not make one.</summary>
public static class Shrinkage
{
    /// <summary>Compares the newest complete snapshot with the one that has most messages, not only with the last: what deletes a little
    /// each night is to be noticed too.</summary>
    /// <param name="snapshots">The complete snapshots of a mailbox in order, with the messages in each.</param>
    /// <param name="accepted">Null where nothing was.</param>
    /// <returns>Null where it has not shrunk.</returns>
    public static (SnapshotName Before, long Had, SnapshotName Newest, long Has)? Of(
        IReadOnlyList<(SnapshotName Name, long Messages)> snapshots,
        ShrunkRule rule,
        AcceptedLoss? accepted
    )
    {
        if (snapshots.Count == 0)
            return null;
        var newest = snapshots[^1];
        var most = snapshots
            .Where(snapshot => accepted is null || snapshot.Name.Sequence >= accepted.Sequence)
            .Append(newest)
            .MaxBy(snapshot => snapshot.Messages);
        return rule.IsShrunk(most.Messages, newest.Messages) ? (most.Name, most.Messages, newest.Name, newest.Messages) : null;
    }

    /// <param name="names">Of one mailbox, in order.</param>
    internal static async Task<ShrunkMailbox?> FindAsync(
        Archive archive,
        IReadOnlyList<SnapshotName> names,
        ShrunkRule rule,
        CancellationToken stop
    )
    {
        var counted = new List<(SnapshotName Name, long Messages)>();
        foreach (var name in names.Where(name => name.State == SnapshotState.Complete))
        {
            if (await CountAsync(archive, name, stop) is { } messages)
                counted.Add((name, messages));
        }
        return await FindAsync(archive, counted, rule, stop);
    }

    /// <param name="counted">The complete snapshots of one mailbox in order, with the messages in each.</param>
    internal static async Task<ShrunkMailbox?> FindAsync(
        Archive archive,
        IReadOnlyList<(SnapshotName Name, long Messages)> counted,
        ShrunkRule rule,
        CancellationToken stop
    )
    {
        // Hardly ever: an acceptance is read only where there is something to accept.
        if (Of(counted, rule, null) is null)
            return null;
        return Of(counted, rule, await AcceptedAsync(archive, counted[0].Name.Mailbox, stop)) is var (before, had, newest, has)
            ? new ShrunkMailbox((await archive.ReadAsync(newest, stop)).Mailbox, before, had, newest, has)
            : null;
    }

    /// <summary>Whatever a mailbox has lost up to its newest complete snapshot is meant.</summary>
    /// <param name="mailbox">Null where the archive holds one only.</param>
    /// <returns>What it is called, and what it had lost; null where nothing is to be accepted.</returns>
    /// <exception cref="StorageException"><see cref="Reason.SnapshotMissing"/>: there is no such mailbox; or the archive cannot be
    /// read.</exception>
    public static async Task<(string Mailbox, ShrunkMailbox? Loss)> AcceptAsync(
        Archive archive,
        string? mailbox,
        MailboxMatch match,
        ShrunkRule rule,
        CancellationToken stop
    )
    {
        var name = (await SnapshotChoice.FindAsync(archive, mailbox, null, match, complete: true, stop)).Snapshot.Mailbox;
        if (await FindAsync(archive, await archive.SnapshotsAsync(name, stop), rule, stop) is not { Newest: var newest } loss)
            return (name, null);
        await ControlNotes.WriteAsync(
            archive,
            NoteOf(newest.Mailbox),
            new AcceptedLoss(newest.Name, newest.Sequence, archive.Time.GetUtcNow()),
            stop
        );
        return (name, loss);
    }

    private static Task<AcceptedLoss?> AcceptedAsync(Archive archive, string mailbox, CancellationToken stop) =>
        ControlNotes.ReadAsync<AcceptedLoss>(archive, NoteOf(mailbox), stop);

    private static string NoteOf(string mailbox) => $"accepted/{mailbox}.json";

    /// <returns>Null where it cannot be read: anybody can write names, and check reports what is damaged.</returns>
    private static async Task<long?> CountAsync(Archive archive, SnapshotName name, CancellationToken stop)
    {
        if (archive.Counts.Of(name) is { } known)
            return known;
        try
        {
            var snapshot = await archive.ReadAsync(name, stop);
            archive.Counts.Add(name, snapshot);
            return snapshot.Messages;
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            return null;
        }
    }
}
