using Migrator.Core.Archives;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Backups;

/// <summary>Looks after an archive so that nobody has to: a restore test, a check of a share of its packs, then prune. What is found wrong
/// is reported as a failed backup is.</summary>
/// <param name="random">For the samples.</param>
/// <param name="auditor">Puts on record what is removed.</param>
public sealed class Upkeep(UpkeepJob job, Archive archive, TimeProvider time, Random random, Auditor auditor)
{
    private const int MostProblems = 100;

    private readonly RunIssues _findings = new();
    private readonly List<Failure> _problems = [];
    private readonly Dictionary<string, (string Name, Proof Proof)> _mailboxes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _frozen = new(StringComparer.Ordinal);
    private UpkeepResult _result = new([], 0, 0, 0, 0, 0);

    /// <param name="progress">Kept up to date while the run goes on.</param>
    /// <param name="stop">Ends the run at the next safe point: a later one begins with another sample, and goes on with the packs.</param>
    /// <returns>How it ended; also where the store failed on the way.</returns>
    public Task<RunReport> RunAsync(RunProgress progress, CancellationToken stop) =>
        RunInstrumentation.DuringAsync(
            progress,
            new Transfer(job.Name, archive.Location, archive.Location, FolderRules.All, RunOptions.Default),
            "upkeep",
            time,
            () => TryAsync(progress, stop),
            report => (report.Outcome, report.Stopped?.Code)
        );

    private async Task<RunReport> TryAsync(RunProgress progress, CancellationToken stop)
    {
        var (started, stopped) = (time.GetUtcNow(), (Failure?)null);
        try
        {
            await StepsAsync(progress, stop);
        }
        catch (StorageException exception)
        {
            archive.Index.ReportFailedRun();
            stopped = Failure.Of(exception, Purpose.Archive);
        }
        catch (MailException exception)
        {
            stopped = Failure.Of(exception, Purpose.Archive);
        }
        foreach (var omitted in _findings.Omitted)
            progress.Notice(omitted);
        if (_problems.Count > MostProblems)
            progress.Notice($"{_problems.Count - MostProblems:N0} further problems are not listed.");
        var proofs = _mailboxes
            .Select(mailbox => new MailboxProof(
                mailbox.Value.Name,
                mailbox.Value.Proof.At,
                mailbox.Value.Proof.FailedAt,
                _frozen.Contains(mailbox.Key)
            ))
            .OrderBy(proof => proof.Proved ?? DateTimeOffset.MinValue)
            .ThenBy(proof => proof.Mailbox, StringComparer.Ordinal);
        return new RunReport(
            job.Name,
            archive.Location,
            archive.Location,
            started,
            time.GetUtcNow(),
            stopped is not null ? RunOutcome.Aborted
                : _problems.Count > 0 ? RunOutcome.Partial
                : RunOutcome.Complete,
            [.. progress.Folders.Select(mailbox => new FolderReport(mailbox.Source, mailbox.Target, mailbox.Counts, null))],
            _findings.Failures,
            [],
            [.. progress.Notices],
            stopped
        )
        {
            Operation = Operation.Upkeep,
            Problems = [.. _problems.Take(MostProblems)],
            Upkeep = _result with { Mailboxes = [.. proofs] },
        };
    }

    private async Task StepsAsync(RunProgress progress, CancellationToken stop)
    {
        progress.Phase = "Reading the snapshots";
        var aside = await archive.QuarantineAsync(stop);
        await foreach (var listed in archive.EachMailboxAsync(stop))
        {
            List<SnapshotName> names = [.. listed.Select(snapshot => snapshot.Name).Where(name => !aside.Contains(name.Name))];
            if (names.Count > 0)
                await LookAtAsync(names[0].Mailbox, names, stop);
        }
        var shrunken = _problems.Count;
        if (job.Rules.RestoreTest is { } test)
            await TestAsync(test, progress, stop);
        if (job.Rules.Check is { } check)
            await CheckAsync(check, progress, stop);
        if (job.Rules.Prune is { } prune && _problems.Count == shrunken)
            await PruneAsync(prune, progress, stop);
        else if (job.Rules.Prune is not null)
            progress.Notice("Nothing was pruned: what is damaged now may still be intact elsewhere in the archive. Repair it first.");
    }

    private async Task LookAtAsync(string mailbox, IReadOnlyList<SnapshotName> names, CancellationToken stop)
    {
        _mailboxes[mailbox] = (await NameAsync(names, stop) ?? mailbox, await Proof.ReadAsync(archive, mailbox, stop));
        if (await Shrinkage.FindAsync(archive, names, job.Rules.Shrunk, stop) is not { } shrunk)
            return;
        _frozen.Add(mailbox);
        _problems.Add(Failure.Of(Reason.MailboxShrunk, shrunk.Words));
    }

    /// <returns>What the mailbox is called; null where no snapshot of it can be read.</returns>
    private async Task<string?> NameAsync(IReadOnlyList<SnapshotName> names, CancellationToken stop) =>
        await SnapshotChoice.NewestAsync(archive, names, null, _ => { }, stop) is var (_, snapshot) ? snapshot.Mailbox : null;

    private async Task TestAsync(RestoreTestRule rule, RunProgress progress, CancellationToken stop)
    {
        var chosen = TestChoice.Mailboxes(
            _mailboxes.ToDictionary(mailbox => mailbox.Key, mailbox => mailbox.Value.Proof, StringComparer.Ordinal),
            rule.Mailboxes,
            random
        );
        var test = new RestoreTest(archive, await archive.IndexAsync(stop), rule.Messages, random);
        var (proved, read) = (0, 0L);
        foreach (var (number, mailbox) in chosen.Index())
        {
            stop.ThrowIfCancellationRequested();
            progress.Phase = $"Restore test: mailbox {number + 1:N0} of {chosen.Count:N0}";
            if (await archive.SnapshotsBelowAsync(mailbox, stop) is not { Count: > 0 } names)
                continue;
            var tested = await test.RunAsync(names, _mailboxes[mailbox].Proof, progress, stop);
            await tested.Proof.WriteAsync(archive, mailbox, stop);
            _mailboxes[mailbox] = _mailboxes[mailbox] with { Proof = tested.Proof };
            (proved, read) = (proved + (tested.IsProved ? 1 : 0), read + (tested.Tested?.Counts.AlreadyThere ?? 0));
            foreach (var failure in tested.Failures)
                _findings.Add(failure);
            if (!tested.IsProved)
                _problems.Add(NotRestorable(_mailboxes[mailbox].Name, tested));
        }
        progress.Notice(
            $"Restore test: {proved:N0} of {chosen.Count:N0} mailboxes proved restorable, {read:N0} messages read and compared."
        );
    }

    private static Failure NotRestorable(string mailbox, TestedMailbox tested)
    {
        var messages =
            tested.Failures.Count == 0
                ? ""
                : $"{tested.Failures.Count:N0} of {tested.Tested!.Counts.Found:N0} messages tested cannot be restored; first UID "
                    + $"{tested.Failures[0].Uid} of {tested.Failures[0].Folder}: {tested.Failures[0].Failure.Detail} ";
        return Failure.Of(Reason.NotRestorable, $"{mailbox}: {messages}{string.Join(' ', tested.Wrong.Take(3))}".TrimEnd());
    }

    private async Task CheckAsync(CheckRule rule, RunProgress progress, CancellationToken stop)
    {
        var rotation = await PackRotation.OpenAsync(archive, rule.AllWithin, stop);
        var report = await new ArchiveCheck(archive, 0, rotation).RunAsync(what => progress.Phase = $"Check: {what}", stop);
        _result = _result with { PacksRead = report.PacksRead, BytesRead = report.BytesRead };
        progress.Notice(
            $"Check: {report.PacksRead:N0} of {report.Packs:N0} packs read ({report.BytesRead:N0} bytes), "
                + $"{report.Problems.Count:N0} problems."
        );
        foreach (var note in report.Notes)
            progress.Notice(note);
        foreach (var problem in report.Problems)
        {
            var touched =
                problem.TouchedCount == 0
                    ? ""
                    : $" {problem.TouchedCount:N0} messages are affected by it, first of {problem.Touched[0].Mailbox}, "
                        + $"{problem.Touched[0].Folder}{(problem.Touched[0].Uid is { } uid ? $" UID {uid}" : "")}.";
            _problems.Add(
                Failure.Of(
                    Reason.ArchiveDamaged,
                    $"{archive.Location}: {problem.Blob}: {problem.What.TrimEnd('.')}.{touched}",
                    Purpose.Archive
                )
            );
        }
    }

    private async Task PruneAsync(PruneRule rule, RunProgress progress, CancellationToken stop)
    {
        var report = await auditor.ActAsync(
            AuditEvent.ArchivePruned,
            AuditSubject.Of(("job", job.Name), ("archive", archive.Location)),
            () =>
                new ArchivePrune(archive, rule.Keep, rule.Grace, shrunk: job.Rules.Shrunk).RunAsync(
                    dryRun: false,
                    what => progress.Phase = $"Prune: {what}",
                    stop
                ),
            pruned => (AuditOutcome.Done, pruned.InALine())
        );
        _result = _result with { SnapshotsRemoved = report.Dropped, PacksRemoved = report.Packs, BytesRemoved = report.Bytes };
        progress.Notice(
            $"Prune: {report.Kept:N0} snapshots kept, {report.Dropped:N0} removed; {report.Packs:N0} packs with "
                + $"{report.Bytes:N0} bytes removed."
        );
        if (report.Blind)
            progress.Notice(
                "No packs were removed: a repair has set snapshots aside, and what they need is not known. \"migrator archive "
                    + "prune --set-aside\" removes them."
            );
        if (report.Held.Count > 0)
            progress.Notice($"{report.Held.Count:N0} blobs could not be deleted yet.  {Reason.BlobImmutable.Hint}");
    }
}
