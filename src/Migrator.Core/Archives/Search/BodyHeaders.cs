using Migrator.Core.Archives.Headers;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Search;

/// <summary>Reads the headers of messages from the messages themselves.</summary>
internal sealed class BodyHeaders(Archive archive, ArchiveIndex index)
{
    private const int Chunk = 200;

    /// <param name="read">Receives the headers of each message that can be read.</param>
    /// <param name="warn">Receives those that cannot.</param>
    /// <param name="isEnough">Ends the reading.</param>
    public async Task ReadAsync(
        IReadOnlyList<ContentId> messages,
        Action<HeaderRecord> read,
        Action<string> warn,
        Func<bool> isEnough,
        CancellationToken stop
    )
    {
        using var reader = new ObjectReader(archive, index);
        // As they lie: neighbours come in one request.
        var ordered = messages
            .Select(content => (Content: content, Place: index.Find(archive.Keys.AddressOf(content))))
            .OrderBy(message => message.Place?.Pack, StringComparer.Ordinal)
            .ThenBy(message => message.Place?.Offset)
            .Select(message => message.Content);
        foreach (var chunk in ordered.Chunk(Chunk))
        {
            if (isEnough())
                return;
            await reader.ReadAsync(
                [.. chunk.Select(content => new ArchivedMessage { Content = content })],
                _ => new HashStream(new HeadBytes(HeaderLimits.Read.Head)),
                (message, stream) =>
                {
                    using var hash = (HashStream)stream;
                    if (hash.Finish() != message.Content)
                        return ValueTask.FromResult(false);
                    read(HeaderSplitter.Split(message.Content, hash.Length, ((HeadBytes)hash.Inner!).Head, HeaderLimits.Read));
                    return ValueTask.FromResult(true);
                },
                (_, exception) =>
                {
                    if (!ArchiveContents.IsDamage(exception))
                        throw exception;
                    warn($"{exception.Message} {exception.Reason.Hint}");
                    return default;
                },
                stop
            );
        }
    }
}
