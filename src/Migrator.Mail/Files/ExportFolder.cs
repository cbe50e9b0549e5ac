using Migrator.Core.Mail;
using Migrator.Core.Runs;

namespace Migrator.Mail.Files;

/// <summary>Writes one folder of an export.</summary>
/// <param name="failures">Gets what the source did not give.</param>
internal sealed class ExportFolder(
    IMailSource source, MailFolder folder, string root, IFormatWriter format, SidecarWriter sidecar, FolderProgress progress, List<MessageFailure> failures)
{
    private const int Chunk = 1000;

    private long _messages;

    /// <returns>Why the folder as a whole failed; null where it did not.</returns>
    public async Task<Failure?> RunAsync(CancellationToken cancellationToken)
    {
        progress.Phase = FolderPhase.Copying;
        var validity = 0u;
        IFolderWriter? writer = null;
        Failure? failure = null;
        try
        {
            var state = await source.OpenAsync(folder.Path, cancellationToken).ConfigureAwait(false);
            validity = state.UidValidity;
            writer = Export.Disk(root, () => format.Begin(folder.Path, validity));
            var uids = await source.ListUidsAsync(1, cancellationToken).ConfigureAwait(false);
            progress.Found(uids.Count);
            foreach (var chunk in uids.Chunk(Chunk))
                await WriteAsync(chunk, writer, cancellationToken).ConfigureAwait(false);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            failure = new Failure(exception.Reason.Code, exception.Message, exception.Reason.Hint);
        }
        finally
        {
            var octets = Export.Disk(root, () => writer?.End());
            sidecar.Add(new SidecarFolder(folder.Path.ToString(), folder.Subscribed, validity, _messages, writer?.Place, SidecarWriter.Name(folder.Use), octets));
            writer?.Dispose();
        }
        progress.Phase = failure is null ? FolderPhase.Done : FolderPhase.Failed;
        return failure;
    }

    private async Task WriteAsync(uint[] uids, IFolderWriter writer, CancellationToken cancellationToken)
    {
        var wanted = (await source.SummarizeAsync(uids, cancellationToken).ConfigureAwait(false)).ToDictionary(summary => summary.Uid);
        var silent = uids.Where(uid => !wanted.ContainsKey(uid)).ToList();
        var receiver = new ExportReceiver(root, writer, wanted, Written);
        try
        {
            await source.FetchAsync([.. wanted.Keys.Order()], receiver, cancellationToken).ConfigureAwait(false);
        }
        catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
        {
            // Each message that did not come is asked for by itself below.
        }
        if (wanted.Count + silent.Count > 0)
            await AskAgainAsync(wanted, silent, receiver, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A message that did not come is gone, or the source does not give it out: two very different things.</summary>
    private async Task AskAgainAsync(Dictionary<uint, MessageSummary> wanted, List<uint> silent, ExportReceiver receiver, CancellationToken cancellationToken)
    {
        var missing = wanted.Keys.Concat(silent).Order().ToList();
        var listed = (await source.ListUidsAsync(missing[0], cancellationToken).ConfigureAwait(false)).ToHashSet();
        progress.Vanished(missing.Count(uid => !listed.Contains(uid)));
        foreach (var uid in missing.Where(listed.Contains))
        {
            var (size, reason, words) = (wanted.GetValueOrDefault(uid)?.Size ?? 0, Reason.SourceUnreadable, "the source lists it but sends nothing");
            try
            {
                if (!wanted.ContainsKey(uid))
                    words = "the source gives neither date nor size of it";
                else
                    await source.FetchAsync([uid], receiver, cancellationToken).ConfigureAwait(false);
            }
            catch (MailException exception) when (exception.Reason.Scope == FailureScope.Message)
            {
                (reason, words) = (exception.Reason, exception.Message);
            }
            if (!wanted.Remove(uid) && !silent.Contains(uid))
                continue;
            failures.Add(new MessageFailure(folder.Path, uid, null, size, new Failure(reason.Code, words, reason.Hint)));
            progress.Failed(1, reason.Code);
        }
    }

    private void Written(MessageSummary message, WrittenMessage written, ContentId content, long size)
    {
        sidecar.Add(new SidecarMessage(folder.Path.ToString(), message.Uid, written.File, size, content.ToString(), message.Flags.ToString(), message.InternalDate, written.Offset));
        _messages++;
        progress.Captured(size);
        progress.Delivered(1, size);
    }
}
