using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Core.Archives;

/// <summary>A lease, as others read it in the side.</summary>
/// <param name="Space">Where process numbers mean the same processes; null where that is unknown.</param>
/// <param name="Mailbox">The only one that is written.</param>
/// <param name="Waiting">It waits for others to finish.</param>
internal sealed record LeaseNote(
    string Holder,
    string? Space,
    int Process,
    string Purpose,
    LeaseAccess Access,
    string? Mailbox,
    bool? Waiting,
    DateTimeOffset Since,
    DateTimeOffset Expires
)
{
    private static readonly string? s_space = ProcessSpace();

    public static LeaseNote Of(Archive archive, string purpose, LeaseScope scope, DateTimeOffset since, DateTimeOffset expires) =>
        new(
            $"{Environment.MachineName}, process {Environment.ProcessId}",
            s_space,
            Environment.ProcessId,
            purpose,
            scope.Access,
            scope.Mailbox is { } account ? archive.MailboxName(account) : null,
            null,
            since,
            expires
        );

    /// <param name="name">Of this note.</param>
    /// <param name="others">Of the note of the other one.</param>
    public bool IsInTheWayOf(LeaseNote other, string name, string others) =>
        (Access, other.Access) switch
        {
            (LeaseAccess.All, LeaseAccess.All) => Waiting != true || string.CompareOrdinal(name, others) < 0,
            (LeaseAccess.All, _) or (_, LeaseAccess.All) => true,
            (LeaseAccess.Upkeep, LeaseAccess.Upkeep) => true,
            (LeaseAccess.Write, LeaseAccess.Write) => Mailbox == other.Mailbox,
            _ => false,
        };

    /// <summary>A run that was killed on this machine need not be waited for.</summary>
    public bool IsDead
    {
        get
        {
            if (Space is null || Space != s_space)
                return false;
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(Process);
                return false;
            }
            catch (ArgumentException)
            {
                return true;
            }
        }
    }

    /// <returns>Null where it is gone.</returns>
    public static async Task<LeaseNote?> ReadAsync(Archive archive, BlobInfo blob, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new MemoryStream();
            await using (var stream = await archive.ControlStore.OpenAsync(blob.Name, 0, 1 << 16, cancellationToken))
                await stream.CopyToAsync(content, cancellationToken);
            return ArchiveJson.Read<LeaseNote>(content.ToArray());
        }
        catch (StorageException exception) when (exception.Reason == Reason.BlobMissing)
        {
            return null;
        }
        catch (InvalidDataException)
        {
            // Nobody can tell what it says: it counts until it is as old as a note can get.
            return new LeaseNote(
                "unknown",
                null,
                0,
                $"the note {blob.Name} that cannot be read",
                LeaseAccess.All,
                null,
                null,
                blob.Modified,
                blob.Modified + ArchiveLease.Validity
            );
        }
    }

    /// <summary>The name of a machine does not do: containers may share it, and number their processes each from 1.</summary>
    private static string? ProcessSpace()
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? $"{InputFile.ReadText("/proc/sys/kernel/random/boot_id", InputFile.MostOfSecret).Trim()} "
                    + $"{new FileInfo("/proc/self/ns/pid").LinkTarget}"
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
