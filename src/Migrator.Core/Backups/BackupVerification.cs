using Microsoft.Extensions.Logging;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Core.Telemetry;

namespace Migrator.Core.Backups;

/// <summary>Reads a mailbox and its latest snapshot, every byte of both, and compares. Both know messages by the same UIDs.</summary>
public sealed class BackupVerification(
    Transfer transfer,
    Func<IUidMap, CancellationToken, Task<IMailSource>> openSource,
    Archive archive,
    Snapshot snapshot,
    TimeProvider time,
    ILogger log
)
{
    /// <returns>Every difference, folder by folder. What only the archive has is not a fault: it may have been removed since.</returns>
    /// <exception cref="MailException">The source could not be reached or stopped answering: nothing is proved.</exception>
    /// <exception cref="StorageException">The archive's index cannot be read.</exception>
    public Task<VerifyReport> RunAsync(RunProgress progress, CancellationToken stop) =>
        RunInstrumentation.DuringAsync(
            progress,
            transfer,
            "verify",
            time,
            () => CompareAsync(progress, stop),
            report => (report.Identical ? RunOutcome.Complete : RunOutcome.Partial, null)
        );

    private async Task<VerifyReport> CompareAsync(RunProgress progress, CancellationToken stop)
    {
        var started = time.GetUtcNow();
        await using var lease = await ArchiveLease.ReadingAsync(archive, "verify", progress.Notice, stop);
        var index = await archive.IndexAsync(stop);
        var uidMap = await SnapshotUidMap.ReadAsync(archive, index, snapshot, stop);
        var (work, stopped) = (new List<FolderComparing>(), (Failure?)null);
        try
        {
            await CompareAsync(
                work,
                () => new SessionPair(token => openSource(uidMap, token), null),
                () => new ArchiveSource(archive, index, snapshot),
                progress,
                stop
            );
        }
        catch (MailException exception) when (work.Count > 0)
        {
            // What was compared until then is worth a report. What was not says so, folder by folder.
            stopped = Failure.Of(exception);
        }
        return new VerifyReport(
            transfer.Name,
            transfer.Source,
            transfer.Target,
            started,
            time.GetUtcNow(),
            [.. work.Select(folder => folder.Result)],
            [.. work.SelectMany(folder => folder.Differences)],
            [.. progress.Notices]
        )
        {
            Operation = Operation.Backup,
            Stopped = stopped,
        };
    }

    private async Task CompareAsync(
        List<FolderComparing> work,
        Func<SessionPair> sessions,
        Func<ArchiveSource> archived,
        RunProgress progress,
        CancellationToken stop
    )
    {
        await using var first = sessions();
        var listed = await new Retries(time, progress, log).RunAsync(
            first,
            "Listing folders",
            () => first.Source.ListFoldersAsync(stop),
            stop
        );
        var rules = new FolderChoice(transfer.Folders);
        FolderPlanException.ThrowIfMissed(rules, listed);
        var findings = new RunIssues();
        work.AddRange(
            listed
                .Where(folder => folder.Selectable && rules.Covers(folder) && rules.Includes(folder.Path))
                .Select(folder => new FolderComparing(folder, findings, progress.Add(folder.Path, folder.Path, folder.State?.Count ?? 0)))
        );
        progress.Phase = "Comparing";
        await new SessionPairPool(sessions, time, progress, log).RunAsync(
            first,
            first.Source is IDeletableSource ? 1 : first.Connections(transfer.Options.Connections),
            work,
            (folder, pair, token) => folder.CompareAsync(pair, archived(), token),
            stop
        );
        foreach (var omitted in findings.Omitted)
            progress.Notice(omitted);
    }

    private sealed class FolderComparing(MailFolder folder, RunIssues findings, FolderProgress progress) : IResumableWork
    {
        private readonly List<Difference> _differences = [];
        private readonly Dictionary<DifferenceKind, long> _counts = [];
        private readonly (FolderReading Reading, Dictionary<Uid, ReadMessage> Messages) _here = Reader(progress),
            _there = Reader(progress);
        private bool _givenUp;

        public long ProgressVersion => _here.Reading.ProgressVersion + _there.Reading.ProgressVersion;

        /// <summary>Says that it was not compared, until it is.</summary>
        public FolderComparison Result { get; private set; } = Failed(folder.Path, Reason.ConnectionLost, "not reached");

        public IReadOnlyList<Difference> Differences => _differences;

        public bool GiveUp(MailException loss)
        {
            if (loss.Reason != Reason.ConnectionLost && loss.Reason != Reason.TemporaryFailure)
                return false;
            Fail(loss);
            return _givenUp = true;
        }

        public async Task CompareAsync(SessionPair pair, ArchiveSource archived, CancellationToken stop)
        {
            await using (archived)
            {
                if (_givenUp)
                    return;
                try
                {
                    await ReadAndCompareAsync(pair, archived, stop);
                }
                catch (MailException exception)
                    when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
                {
                    Fail(exception);
                }
            }
        }

        private async Task ReadAndCompareAsync(SessionPair pair, ArchiveSource archived, CancellationToken stop)
        {
            progress.Phase = FolderPhase.Copying;
            await _here.Reading.ReadAsync(pair.Source, folder.Path, stop);
            var exists = true;
            try
            {
                await _there.Reading.ReadAsync(archived, folder.Path, stop);
            }
            catch (MailException exception) when (exception.Reason == Reason.FolderMissing)
            {
                exists = false;
            }
            Compare(exists, hasOwnDates: pair.Source is not IDeletableSource);
            if (_here.Reading.Limited is { } limited)
                Result = Result with { Failure = Failure.Of(limited) };
            var different = Count(DifferenceKind.Missing) + Count(DifferenceKind.Content);
            progress.Found(_here.Messages.Count + _here.Reading.Unreadable.Count);
            progress.AlreadyThere(_here.Messages.Count + _here.Reading.Unreadable.Count - different);
            progress.Failed(different);
            progress.Phase = Result.Identical ? FolderPhase.Done : FolderPhase.Failed;
        }

        private static (FolderReading Reading, Dictionary<Uid, ReadMessage> Messages) Reader(FolderProgress progress)
        {
            var messages = new Dictionary<Uid, ReadMessage>();
            return (new FolderReading(progress, message => messages.Add(message.Uid, message)), messages);
        }

        private void Fail(MailException exception)
        {
            Result = Failed(folder.Path, exception.Reason, exception.Message);
            progress.Found(progress.Expected);
            progress.GivenUp(exception.Reason.Code);
        }

        private static FolderComparison Failed(FolderPath path, Reason reason, string detail) =>
            new([path], path, true, 0, 0, 0, 0, 0, 0, 0, 0, 0) { Failure = Failure.Of(reason, detail) };

        private void Compare(bool exists, bool hasOwnDates)
        {
            var (source, target) = (_here.Messages, _there.Messages);
            if (!exists)
                Differ(DifferenceKind.Folder, null, "there", "not in the snapshot");
            foreach (var uid in _here.Reading.Unreadable.Order())
                Differ(DifferenceKind.Missing, uid, "the message", "cannot be compared: the source lists it but fails to return it");
            foreach (var (uid, message) in source.OrderBy(entry => entry.Key))
            {
                if (!target.TryGetValue(uid, out var copy))
                {
                    Differ(
                        DifferenceKind.Missing,
                        uid,
                        "there",
                        _there.Reading.Unreadable.Contains(uid) ? "the archive cannot return it" : "not in the snapshot"
                    );
                    continue;
                }
                if (message.Content != copy.Content)
                    Differ(
                        DifferenceKind.Content,
                        uid,
                        $"{message.Size:N0} bytes, {message.Content}",
                        $"{copy.Size:N0} bytes, {copy.Content}"
                    );
                if (message.Flags != copy.Flags && hasOwnDates)
                    Differ(DifferenceKind.Flags, uid, message.Flags.ToString(), copy.Flags.ToString());
                if (message.Date != copy.Date && message.Dated && hasOwnDates)
                    Differ(DifferenceKind.InternalDate, uid, message.Date.ToString("u"), copy.Date.ToString("u"));
            }
            var matched = source.Count(entry => target.TryGetValue(entry.Key, out var copy) && copy.Content == entry.Value.Content);
            Result = new FolderComparison(
                [folder.Path],
                folder.Path,
                exists,
                source.Count + _here.Reading.Unreadable.Count,
                target.Count,
                source.Values.Sum(message => message.Size),
                matched,
                Count(DifferenceKind.Missing),
                Count(DifferenceKind.Content),
                Count(DifferenceKind.Flags),
                Count(DifferenceKind.InternalDate),
                target.Keys.Count(uid => !source.ContainsKey(uid))
            );
        }

        private long Count(DifferenceKind kind) => _counts.GetValueOrDefault(kind);

        private void Differ(DifferenceKind kind, Uid? uid, string expected, string actual)
        {
            _counts[kind] = Count(kind) + 1;
            if (findings.Admit(kind))
                _differences.Add(
                    new Difference(kind, folder.Path, uid, folder.Path, uid is { } both ? new TargetUid(both) : null, expected, actual)
                );
        }
    }
}
