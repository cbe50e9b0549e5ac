using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Backups;

/// <summary>Reads a folder of a mailbox and the same one of a snapshot, a page of both at a time, in the order of UIDs: what is held does
/// not depend on how many messages there are, or on how many differ.</summary>
internal sealed class BackupFolderVerification : IResumableWork
{
    private readonly FolderPath _path;
    private readonly FolderProgress _progress;
    private readonly FolderReading _source,
        _archived;
    private readonly SnapshotComparison _comparison;
    private Failure? _failure = Failure.Of(Reason.ConnectionLost, "not reached");
    private bool _givenUp;

    public BackupFolderVerification(MailFolder folder, RunIssues findings, FolderProgress progress)
    {
        (_path, _progress, _comparison) = (folder.Path, progress, new SnapshotComparison(folder.Path, findings));
        _source = new FolderReading(progress, _comparison.AddSource);
        _archived = new FolderReading(progress, _comparison.AddArchived);
    }

    public long ProgressVersion => _source.ProgressVersion + _archived.ProgressVersion;

    /// <summary>Of what was compared so far; it has a failure until all is.</summary>
    public FolderComparison Result => _comparison.Result with { Failure = _failure };

    public IReadOnlyList<Difference> Differences => _comparison.Differences;

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
                await ReadAndCompareAsync(pair.Source, archived, stop);
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
            {
                Fail(exception);
            }
        }
    }

    private async Task ReadAndCompareAsync(IMailSource source, ArchiveSource archived, CancellationToken stop)
    {
        _progress.Phase = FolderPhase.Copying;
        // POP3 has neither flags nor dates of arrival.
        _comparison.ComparesFlagsAndDates = source is not IDeletableSource;
        var here = await _source.OpenAsync(source, _path, stop);
        var there = UidSet.Empty;
        try
        {
            there = await _archived.OpenAsync(archived, _path, stop);
        }
        catch (MailException exception) when (exception.Reason == Reason.FolderMissing)
        {
            _comparison.FolderIsMissing();
        }
        foreach (var page in here.Union(there).From(_comparison.Next).Chunk(FolderReading.Page))
        {
            // Both have ended, whatever becomes of one: a session runs one call at a time.
            var unreadable = await Task.WhenAll(
                _source.ReadPageAsync(source, [.. page.Where(here.Contains)], stop),
                _archived.ReadPageAsync(archived, [.. page.Where(there.Contains)], stop)
            );
            _comparison.CompareTo(page[^1], unreadable[0], unreadable[1]);
        }
        _comparison.CompareRest();
        _failure = _source.Limited is { } limited ? Failure.Of(limited) : null;
        var result = Result;
        _progress.Found(result.SourceMessages);
        _progress.AlreadyThere(result.SourceMessages - result.Missing - result.Altered);
        _progress.Failed(result.Missing + result.Altered);
        _progress.Phase = result.Identical ? FolderPhase.Done : FolderPhase.Failed;
    }

    private void Fail(MailException exception)
    {
        _failure = Failure.Of(exception.Reason, exception.Message);
        _progress.Found(_progress.Expected);
        _progress.GivenUp(exception.Reason.Code);
    }
}
