using System.Buffers;
using Migrator.Core.Archives;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Mail;
using Migrator.Core.Spool;

namespace Migrator.Core.Backups;

/// <summary>Takes the bytes of messages into packs, each content once. A small message passes through memory, a large one through the
/// spool: what it is called, its hash, is known only at its end.</summary>
/// <param name="headers">Takes the headers of what is stored.</param>
internal sealed class MessagePacker(ArchiveKeys keys, ArchiveIndex index, PackWriter packs, HeaderWriter headers, SpoolDirectory spool)
{
    private const int MostInMemory = 2 << 20;

    private long _known,
        _knownBytes;

    /// <summary>Messages whose content was in the archive already.</summary>
    public long Known => Interlocked.Read(ref _known);

    public long KnownBytes => Interlocked.Read(ref _knownBytes);

    /// <summary>In bytes.</summary>
    public long SpoolLimit => spool.Limit;

    /// <param name="writer">The caller's own part of the spool.</param>
    public static Stream Open(long size, SpoolWriter writer) => size <= MostInMemory ? new BufferedMessage((int)size) : writer.Begin();

    /// <summary>Stores what was written to <paramref name="content"/>, which <see cref="Open"/> gave, and disposes it.</summary>
    /// <returns>What it is, and its size in bytes.</returns>
    public async Task<(ContentId Content, long Size)> StoreAsync(Stream content, SpoolWriter writer, CancellationToken cancellationToken)
    {
        if (content is BufferedMessage held)
        {
            using (held)
            {
                var id = ContentId.Of(held.Bytes.Span);
                await StoreAsync(
                    id,
                    held.Length,
                    async address =>
                    {
                        await headers.AddAsync(id, held.Length, held.Bytes, cancellationToken);
                        await packs.AddAsync(address, held.Bytes, cancellationToken);
                    }
                );
                return (id, held.Length);
            }
        }
        using var entry = writer.Complete(content);
        await StoreAsync(
            entry.Content,
            entry.Length,
            async address =>
            {
                await headers.AddAsync(entry.Content, entry.Length, await HeadAsync(entry, cancellationToken), cancellationToken);
                await using var bytes = entry.Open();
                await packs.AddAsync(address, bytes, entry.Length, cancellationToken);
            }
        );
        await spool.WaitForRoomAsync(cancellationToken);
        return (entry.Content, entry.Length);
    }

    private static async Task<ReadOnlyMemory<byte>> HeadAsync(SpoolEntry entry, CancellationToken cancellationToken)
    {
        var head = new byte[HeaderLimits.Kept.Head];
        await using var bytes = entry.Open();
        return head.AsMemory(0, await bytes.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken));
    }

    private async Task StoreAsync(ContentId content, long size, Func<ObjectId, Task> add)
    {
        var address = keys.AddressOf(content);
        if (index.TryReserve(address))
        {
            await add(address);
            return;
        }
        Interlocked.Increment(ref _known);
        Interlocked.Add(ref _knownBytes, size);
    }

    /// <summary>One message in a rented buffer of its size.</summary>
    private sealed class BufferedMessage(int size) : WriteOnlyStream
    {
        private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(size, 1));
        private int _length;
        private bool _disposed;

        public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

        public override long Length => _length;

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            if (_length + bytes.Length > _buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes.Length));
                Bytes.CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = larger;
            }
            bytes.CopyTo(_buffer.AsSpan(_length));
            _length += bytes.Length;
        }

        protected override void Dispose(bool disposing)
        {
            if (!_disposed)
                ArrayPool<byte>.Shared.Return(_buffer);
            _disposed = true;
            base.Dispose(disposing);
        }
    }
}
