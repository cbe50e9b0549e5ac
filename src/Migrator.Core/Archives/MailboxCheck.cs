using Migrator.Core.Blobs;
using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>When a mailbox was examined last, and which snapshot says what was found. It changes every night, so it lies beside the
/// archive. It is not durable: nothing relies on it, and without it the mailbox merely looks as if nobody had examined it.</summary>
/// <param name="Requests">What the run had asked of the store by then; null where the store does not charge for requests.</param>
public sealed record MailboxCheck(string Snapshot, DateTimeOffset At, Requests? Requests)
{
    private const long Most = 1 << 16;

    /// <param name="mailbox">What its snapshots are filed under.</param>
    public Task WriteAsync(Archive archive, string mailbox, CancellationToken stop) =>
        archive.ControlStore.ReplaceVolatileAsync(NoteOf(mailbox), ArchiveJson.Write(this), stop);

    /// <returns>Null where there is none that can be read.</returns>
    public static async Task<MailboxCheck?> ReadAsync(Archive archive, string mailbox, CancellationToken stop)
    {
        try
        {
            using var content = new MemoryStream();
            await using (var stream = await archive.ControlStore.OpenAsync(NoteOf(mailbox), 0, Most, stop))
                await stream.CopyToAsync(content, stop);
            return ArchiveJson.Read<MailboxCheck>(content.ToArray());
        }
        catch (Exception exception)
            when (exception is InvalidDataException || (exception is StorageException storage && storage.Reason == Reason.BlobMissing))
        {
            return null;
        }
    }

    private static string NoteOf(string mailbox) => $"checks/{mailbox}.json";
}
