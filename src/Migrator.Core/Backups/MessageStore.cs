using System.Buffers;
using Migrator.Core.Archives;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Mail;
using Migrator.Core.Spool;

namespace Migrator.Core.Backups;

/// <summary>Takes the octets of messages into packs, each content once. A small message passes through memory, a large one through the
/// spool: what it is called, its hash, is known only at its end.</summary>
/// <param name="headers">Takes the headers of what is stored.</param>
internal sealed class MessageStore(ArchiveKeys keys, ArchiveIndex index, PackWriter packs, HeaderWriter headers, SpoolDirectory spool)
{
    private const int MostInMemory = 2 << 20;

    private long _known, _knownOctets;

    /// <summary>Messages whose content was in the archive already.</summary>
    public long Known => Interlocked.Read(ref _known);

    public long KnownOctets => Interlocked.Read(ref _knownOctets);

    /// <summary>In octets.</summary>
    public long SpoolLimit => spool.Limit;

    /// <param name="writer">The caller's own part of the spool.</param>
    public static Stream Open(long size, SpoolWriter writer) => size <= MostInMemory ? new HeldMessage((int)size) : writer.Begin();

    /// <summary>Stores what was written to <paramref name="content"/>, which <see cref="Open"/> gave, and disposes it.</summary>
    /// <returns>What it is, and its size in octets.</returns>
    public async Task<(ContentId Content, long Size)> StoreAsync(Stream content, SpoolWriter writer, CancellationToken cancellationToken)
    {
        if (content is HeldMessage held)
        {
            using (held)
            {
                var id = ContentId.Of(held.Octets.Span);
                await StoreAsync(id, held.Length, async address =>
                {
                    await headers.AddAsync(id, held.Length, held.Octets, cancellationToken).ConfigureAwait(false);
                    await packs.AddAsync(address, held.Octets, cancellationToken).ConfigureAwait(false);
                }).ConfigureAwait(false);
                return (id, held.Length);
            }
        }
        using var entry = writer.Complete(content);
        await StoreAsync(entry.Content, entry.Length, async address =>
        {
            await headers.AddAsync(entry.Content, entry.Length, await HeadAsync(entry, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            await using var octets = entry.Open();
            await packs.AddAsync(address, octets, entry.Length, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await spool.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        return (entry.Content, entry.Length);
    }

    private static async Task<ReadOnlyMemory<byte>> HeadAsync(SpoolEntry entry, CancellationToken cancellationToken)
    {
        var head = new byte[HeaderLimits.Kept.Head];
        await using var octets = entry.Open();
        return head.AsMemory(0, await octets.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false));
    }

    private async Task StoreAsync(ContentId content, long size, Func<ObjectId, Task> add)
    {
        var address = keys.AddressOf(content);
        if (index.TryReserve(address))
        {
            await add(address).ConfigureAwait(false);
            return;
        }
        Interlocked.Increment(ref _known);
        Interlocked.Add(ref _knownOctets, size);
    }

    /// <summary>One message in a rented buffer of its size.</summary>
    private sealed class HeldMessage(int size) : ReceivingStream
    {
        private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(size, 1));
        private int _length;
        private bool _disposed;

        public ReadOnlyMemory<byte> Octets => _buffer.AsMemory(0, _length);

        public override long Length => _length;

        public override void Write(ReadOnlySpan<byte> octets)
        {
            if (_length + octets.Length > _buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + octets.Length));
                Octets.CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = larger;
            }
            octets.CopyTo(_buffer.AsSpan(_length));
            _length += octets.Length;
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
