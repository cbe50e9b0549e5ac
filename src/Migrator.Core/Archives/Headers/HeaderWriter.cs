using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>Gathers the headers of messages into segments. Safe to use from several tasks.</summary>
/// <param name="packs">Of the kind <see cref="BlobKind.Headers"/>.</param>
internal sealed class HeaderWriter(Archive archive, ArchiveIndex index, PackWriter packs) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly MemoryStream _segment = new();
    private int _records;

    /// <summary>Takes the header of a message. Called before the message is added to its pack: anyone who flushes messages first and
    /// headers then has the headers of all of them.</summary>
    /// <param name="head">The beginning of the message.</param>
    public Task AddAsync(ContentId content, long size, ReadOnlyMemory<byte> head, CancellationToken cancellationToken) =>
        AddAsync(HeaderSplitter.Split(content, size, head.Span, HeaderLimits.Kept), cancellationToken);

    public async Task AddAsync(HeaderRecord record, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            using (var writer = new BinaryWriter(_segment, System.Text.Encoding.UTF8, leaveOpen: true))
                HeaderCodec.Write(writer, record);
            if (++_records >= HeaderCodec.MostRecords || _segment.Length >= HeaderCodec.Full)
                await EndSegmentAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc cref="PackWriter.FlushAsync"/>
    public async Task<IReadOnlyList<PackContents>> FlushAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await EndSegmentAsync();
            return await packs.FlushAsync(CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task EndSegmentAsync()
    {
        if (_records == 0)
            return;
        try
        {
            var bytes = _segment.GetBuffer().AsMemory(0, (int)_segment.Length);
            var id = archive.Keys.AddressOf(ContentId.Of(bytes.Span));
            // To the end, although the run is stopped: it holds the headers of messages of other sessions.
            if (index.TryReserve(id))
                await packs.AddAsync(id, bytes, CancellationToken.None);
        }
        finally
        {
            (_segment.Position, _records) = (0, 0);
            _segment.SetLength(0);
        }
    }
}
