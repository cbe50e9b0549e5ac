using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>Reads a folder of a mailbox and the same one of a snapshot, a page of both at a time, in the order of UIDs: what is held does
/// not depend on how many messages there are, or on how many differ.</summary>
internal sealed class BackupFolderVerification(MailFolder folder, RunIssues findings, FolderProgress progress) : IResumableWork
{
    // Only while it is compared: there may be ten thousand folders.
    private Comparing? _comparing;
    private SnapshotComparison.Summary _compared = SnapshotComparison.Summary.OfNothing(folder.Path);
    private Failure? _failure = Failure.Of(Reason.ConnectionLost, "not reached");
    private bool _isOver;

    private sealed record Comparing(FolderReading Source, FolderReading Archived, SnapshotComparison Comparison);

    public long ProgressVersion => _comparing is { } now ? now.Source.ProgressVersion + now.Archived.ProgressVersion : 0;

    /// <summary>Of what was compared so far; it has a failure until all is.</summary>
    public FolderComparison Result => Compared.Result with { Failure = _failure };

    public IReadOnlyList<Difference> Differences => Compared.Differences;

    private SnapshotComparison.Summary Compared => _comparing?.Comparison.Compared ?? _compared;

    public bool GiveUp(MailException loss)
    {
        if (loss.Reason != Reason.ConnectionLost && loss.Reason != Reason.TemporaryFailure)
            return false;
        Fail(loss);
        return true;
    }

    public async Task CompareAsync(SessionPair pair, ArchiveSource archived, CancellationToken stop)
    {
        await using (archived)
        {
            if (_isOver)
                return;
            try
            {
                await ReadAndCompareAsync(_comparing ??= Begin(), pair.Source, archived, stop);
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
            {
                Fail(exception);
            }
        }
    }

    private Comparing Begin()
    {
        var comparison = new SnapshotComparison(folder.Path, findings);
        return new Comparing(
            new FolderReading(progress, comparison.AddSource),
            new FolderReading(progress, comparison.AddArchived),
            comparison
        );
    }

    private async Task ReadAndCompareAsync(Comparing now, IMailSource source, ArchiveSource archived, CancellationToken stop)
    {
        progress.Phase = FolderPhase.Copying;
        // POP3 has neither flags nor dates of arrival.
        now.Comparison.ComparesFlagsAndDates = source is not IDeletableSource;
        var here = await now.Source.OpenAsync(source, folder.Path, stop);
        var there = UidSet.Empty;
        try
        {
            there = await now.Archived.OpenAsync(archived, folder.Path, stop);
        }
        catch (MailException exception) when (exception.Reason == Reason.FolderMissing)
        {
            now.Comparison.FolderIsMissing();
        }
        foreach (var page in here.Union(there).From(now.Comparison.Next).Chunk(FolderReading.Page))
        {
            // Both have ended, whatever becomes of one: a session runs one call at a time.
            var unreadable = await Task.WhenAll(
                now.Source.ReadPageAsync(source, [.. page.Where(here.Contains)], stop),
                now.Archived.ReadPageAsync(archived, [.. page.Where(there.Contains)], stop)
            );
            now.Comparison.CompareTo(page[^1], unreadable[0], unreadable[1]);
        }
        now.Comparison.CompareRest();
        End(now.Source.Limited is { } limited ? Failure.Of(limited) : null);
        var result = Result;
        progress.Found(result.SourceMessages);
        progress.AlreadyThere(result.SourceMessages - result.Missing - result.Altered);
        progress.Failed(result.Missing + result.Altered);
        progress.Phase = result.Identical ? FolderPhase.Done : FolderPhase.Failed;
    }

    private void Fail(MailException exception)
    {
        End(Failure.Of(exception.Reason, exception.Message));
        progress.Found(progress.Expected);
        progress.GivenUp(exception.Reason.Code);
    }

    private void End(Failure? failure)
    {
        _compared = Compared;
        (_comparing, _failure, _isOver) = (null, failure, true);
    }
}
