using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>What a check looked at and what it found.</summary>
/// <param name="Blobs">Blobs in the archive.</param>
/// <param name="Objects">Objects recorded: messages and pages, each content once.</param>
/// <param name="PacksRead">Packs that were read whole.</param>
/// <param name="BytesRead">In those packs.</param>
/// <param name="Problems">Empty where everything is there and intact, as far as was looked.</param>
/// <param name="Notes">What a person should know although nothing is wrong.</param>
public sealed record CheckReport(
    string Archive,
    int Blobs,
    int Snapshots,
    long Objects,
    int Packs,
    int PacksRead,
    long BytesRead,
    IReadOnlyList<ArchiveProblem> Problems,
    IReadOnlyList<string> Notes
)
{
    /// <summary>Packs that are there and could not be read, because the store has taken them offline.</summary>
    public int PacksOffline { get; init; }

    /// <summary>In those packs.</summary>
    public long BytesOffline { get; init; }
}

/// <param name="Blob">The blob that is damaged or missing.</param>
/// <param name="What">What is wrong with it.</param>
/// <param name="Touched">Messages that cannot be restored because of it, at most 1,000 of them.</param>
/// <param name="TouchedCount">How many there are.</param>
public sealed record ArchiveProblem(string Blob, string What, IReadOnlyList<AffectedMessage> Touched, long TouchedCount);

/// <param name="Uid">Null where a page, and with it the messages of a folder, is meant.</param>
/// <param name="Snapshot">The newest snapshot that holds it.</param>
/// <param name="Snapshots">How many snapshots hold it.</param>
public sealed record AffectedMessage(string Mailbox, FolderPath Folder, Uid? Uid, string Snapshot, int Snapshots);
