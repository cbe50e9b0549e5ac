using Migrator.Core.Failures;

namespace Migrator.Core.Archives;

/// <summary>Blobs that a repair gave up: noted beside the archive and skipped, but left where they are. What this program cannot read,
/// another one or a later one may.</summary>
internal sealed class Quarantine(IReadOnlySet<string> notes)
{
    public const string Prefix = "quarantine/";

    public static string NoteOf(string blob) => Prefix + blob;

    /// <param name="why">In words.</param>
    public static Task NoteAsync(Archive archive, string blob, string why, CancellationToken cancellationToken) =>
        archive.ControlStore.ReplaceAsync(
            NoteOf(blob),
            ArchiveJson.Write(new QuarantineNote(blob, why, archive.Time.GetUtcNow())),
            cancellationToken
        );

    /// <summary>Takes back the notes of what can be read: a blob may have been misread once, or come back from a copy.</summary>
    /// <param name="all">What is in the store.</param>
    public async Task<Quarantine> LiftAsync(Archive archive, ArchiveContents all, CancellationToken cancellationToken)
    {
        foreach (var blob in all.Packs.Values.Where(blob => Contains(blob.Name)))
        {
            if (
                await IsWholeAsync(async () =>
                    (
                        await PackCheck.ReadAsync(
                            archive,
                            await OrphanedPacks.FooterAsync(archive, blob, cancellationToken),
                            cancellationToken
                        )
                    ).Wrong
                        is null
                )
            )
                await archive.ControlStore.DeleteAsync(NoteOf(blob.Name), cancellationToken);
        }
        foreach (var name in notes.Select(note => SnapshotName.Parse(note[Prefix.Length..])).OfType<SnapshotName>())
        {
            if (await IsWholeAsync(async () => await archive.ReadAsync(name, cancellationToken) is not null))
                await archive.ControlStore.DeleteAsync(NoteOf(name.Name), cancellationToken);
        }
        return await archive.QuarantineAsync(cancellationToken);
    }

    private static async Task<bool> IsWholeAsync(Func<Task<bool>> read)
    {
        try
        {
            return await read();
        }
        catch (StorageException exception) when (ArchiveContents.IsDamage(exception))
        {
            return false;
        }
    }

    public bool IsEmpty => notes.Count == 0;

    public bool Contains(string blob) => notes.Contains(NoteOf(blob));
}
