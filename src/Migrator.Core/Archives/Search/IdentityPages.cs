using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

/// <summary>Reads what identifies the messages of a page; one that cannot be read is told of once and has none.</summary>
internal sealed class IdentityPages(Archive archive, ArchiveIndex index, Action<string> warn) : IDisposable
{
    private readonly ObjectReader _reader = new(archive, index);
    private readonly HashSet<ContentId> _unreadable = [];

    /// <summary>Pages that could not be read.</summary>
    public int Unreadable => _unreadable.Count;

    public async Task<IReadOnlyList<ArchivedMessage>> ReadAsync(ContentId page, CancellationToken stop)
    {
        try
        {
            return PageCodec.ReadIdentity(await _reader.PageAsync(page, stop));
        }
        catch (Exception exception)
            when (exception is InvalidDataException || (exception is StorageException storage && ArchiveContents.IsDamage(storage)))
        {
            if (_unreadable.Add(page))
                warn(
                    $"Up to {PageCodec.Most:N0} messages of a folder are not searched, because the list of them cannot be "
                        + $"read. {exception.Message} {Reason.ArchiveDamaged.Hint}"
                );
            return [];
        }
    }

    public void Dispose() => _reader.Dispose();
}
