using Microsoft.Win32.SafeHandles;
using Migrator.Core.Failures;
using Migrator.Files.Bytes;
using Migrator.Files.Disk;

namespace Migrator.Files.Messages;

/// <summary>Reads messages out of files. The file read last stays open: the next message of an mbox is in it too.</summary>
/// <remarks>It reads synchronously: asynchronous reading of local files goes through the thread pool for each piece, which
/// costs more than it frees.</remarks>
internal sealed class FilePump : IDisposable
{
    // Where only the beginning is wanted, most of a large piece would be read for nothing.
    private const int SmallPiece = 8 << 10;

    private readonly byte[] _buffer = new byte[1 << 16];
    private SafeFileHandle? _handle;
    private FileStamp _expected;

    public string Path { get; private set; } = "";

    public FileStamp Stamp => FileErrors.Guarded(Path, Reason.SourceUnreadable, () => FileStamp.Of(_handle!));

    public long Length => Stamp.Size;

    /// <param name="expected">What the file was when it was listed; default where that does not matter.</param>
    /// <exception cref="MailException"><see cref="Reason.SourceUnreadable"/>: also where the file is another by now.</exception>
    public void Open(string path, FileStamp expected = default)
    {
        if (Path != path)
        {
            Dispose();
            _handle = FileErrors.Open(path, Reason.SourceUnreadable);
            Path = path;
        }
        _expected = expected;
        ShouldBeUnchanged();
    }

    /// <exception cref="MailException"><see cref="Reason.SourceUnreadable"/>: something wrote to the file.</exception>
    public void ShouldBeUnchanged()
    {
        if (_expected != default && Stamp != _expected)
            throw new MailException(
                Reason.SourceUnreadable,
                $"{Path}: it was changed since the import began. Import again once nothing writes to it."
            );
    }

    /// <returns>Fewer bytes than asked for only at the end of the file.</returns>
    public int Read(Span<byte> bytes, long offset) => FileErrors.Read(Path, _handle!, bytes, offset, Reason.SourceUnreadable);

    /// <summary>Hands the bytes of a message in the open file on as they are stored.</summary>
    /// <param name="enough">Asked before each read.</param>
    public void Run(FoundMessage message, IByteSink to, Func<bool>? enough, CancellationToken cancellationToken)
    {
        var at = message.Offset;
        var end = message.Length < 0 ? long.MaxValue : message.Offset + message.Length;
        while (at < end && enough?.Invoke() != true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Read(_buffer.AsSpan(0, (int)Math.Min(enough is null ? _buffer.Length : SmallPiece, end - at)), at);
            if (count == 0)
                break;
            to.Write(_buffer.AsSpan(0, count));
            at += count;
        }
        to.End();
    }

    public void Dispose()
    {
        _handle?.Dispose();
        (_handle, Path) = (null, "");
    }
}
