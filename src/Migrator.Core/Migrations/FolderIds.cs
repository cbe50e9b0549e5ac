using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>The messages of a copied folder, with the ids that they have in every folder.</summary>
internal sealed record FolderIds(FolderMapping Mapping, UidValidity Validity, IReadOnlyList<(Uid Uid, ulong Id)> Messages)
{
    private const int Chunk = 5000;

    /// <returns>In the order of the mappings, without folders that cannot be read.</returns>
    public static async Task<IReadOnlyList<FolderIds>> ReadAsync(
        IMailSource source,
        IEnumerable<FolderMapping> mappings,
        CancellationToken stop
    )
    {
        var folders = new List<FolderIds>();
        foreach (var mapping in mappings)
        {
            try
            {
                var state = await source.OpenAsync(mapping.Source.Path, stop);
                var uids = await source.ListUidsAsync(1, stop);
                var messages = new List<(Uid, ulong)>(uids.Count);
                foreach (var chunk in uids.Chunk(Chunk))
                    messages.AddRange(await source.FetchIdsAsync(chunk, stop));
                folders.Add(new FolderIds(mapping, state.UidValidity, messages));
            }
            catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder)
            {
                // Its copy fails too, and says why; the others are copied without it.
            }
        }
        return folders;
    }
}
