using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Settings;
using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Cli.Commands;

/// <summary>Mail that cannot be read now, because its packs are in Azure's archive tier: said before anything is begun.</summary>
internal static class OfflineMail
{
    /// <param name="wanted">Which messages are to be read: by folder and UID.</param>
    /// <returns>Null where everything can be read.</returns>
    public static async Task<string?> WordsAsync(
        Archive archive,
        Snapshot snapshot,
        Func<FolderPath, Uid, bool> wanted,
        CommandContext context,
        CancellationToken stop
    )
    {
        var needed = await NeededPacks.OfflineAsync(archive, snapshot, wanted, stop);
        if (needed.Offline is not { Count: > 0 } offline)
            return null;
        var (prices, returning) = (AzurePriceSettings.Read(context.Settings), offline.Count(pack => pack.Access == BlobAccess.Returning));
        return $"{Format.Count(offline.Count)} of {Format.Count(needed.Packs.Count, "pack")} that this needs, with "
            + $"{Format.Size(offline.Sum(pack => pack.Size))}, {(offline.Count == 1 ? "is" : "are")} in the archive tier and cannot "
            + "be read now"
            + (returning > 0 ? $"; {Format.Count(returning)} {(returning == 1 ? "is" : "are")} being rehydrated" : "")
            + $". Rehydrating them takes up to {prices.StandardPriorityHours} hours with standard priority.";
    }

    /// <exception cref="StorageException"><see cref="Reason.BlobOffline"/>.</exception>
    public static async Task EnsureNoneAsync(
        Archive archive,
        Snapshot snapshot,
        Func<FolderPath, Uid, bool> wanted,
        CommandContext context,
        CancellationToken stop
    )
    {
        if (await WordsAsync(archive, snapshot, wanted, context, stop) is { } words)
            throw new StorageException(Reason.BlobOffline, $"{archive.Location}: nothing was started. {words}");
    }
}
