using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Exports;

/// <summary>Writes one folder of an export.</summary>
/// <param name="failures">Gets what the source did not give.</param>
internal sealed class ExportFolder(
    IMailSource source,
    MailFolder folder,
    IMailboxWriter mailbox,
    FolderProgress progress,
    List<MessageFailure> failures
)
{
    private const int Chunk = 1000;

    private readonly IsolatingFetch _fetch = new();

    /// <returns>Why the folder as a whole failed; null where it did not.</returns>
    public async Task<Failure?> RunAsync(CancellationToken cancellationToken)
    {
        progress.Phase = FolderPhase.Copying;
        IFolderWriter? writer = null;
        Failure? failure = null;
        try
        {
            var state = await source.OpenAsync(folder.Path, cancellationToken);
            writer = mailbox.Begin(folder, state.UidValidity);
            var uids = await source.ListUidsAsync(1, cancellationToken);
            progress.Found(uids.Count);
            foreach (var chunk in uids.Chunk(Chunk))
                await WriteAsync(chunk, writer, cancellationToken);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            failure = Failure.Of(exception);
            if (writer is null)
                mailbox.AddEmpty(folder);
        }
        finally
        {
            using (writer)
                writer?.End();
        }
        progress.Phase = failure is null ? FolderPhase.Done : FolderPhase.Failed;
        return failure;
    }

    private async Task WriteAsync(Uid[] uids, IFolderWriter writer, CancellationToken cancellationToken)
    {
        var wanted = (await source.FetchSummariesAsync(uids, cancellationToken)).ToDictionary(summary => summary.Uid);
        var silent = uids.Where(uid => !wanted.ContainsKey(uid)).ToHashSet();
        var (gone, unreadable) = await _fetch.RunAsync(
            source,
            uids,
            uid => wanted.ContainsKey(uid) || silent.Contains(uid),
            new MessageSizes(uid => wanted.GetValueOrDefault(uid)?.Size, RunOptions.Default.SpoolLimit),
            new ExportReceiver(writer, wanted, Written),
            cancellationToken
        );
        progress.Vanished(gone.Count);
        foreach (var (uid, reason, why) in unreadable)
        {
            var words = silent.Contains(uid) ? "the source returns neither its date nor its size" : why;
            failures.Add(new MessageFailure(folder.Path, uid, null, wanted.GetValueOrDefault(uid)?.Size ?? 0, Failure.Of(reason, words)));
            progress.Failed(1, reason.Code);
        }
    }

    private void Written(long size)
    {
        progress.Captured(size);
        progress.Delivered(1, size);
    }
}
