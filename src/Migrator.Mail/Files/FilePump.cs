using Microsoft.Win32.SafeHandles;
using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Reads messages out of files. The file read last stays open: the next message of an mbox is in it too.</summary>
/// <remarks>It reads synchronously: asynchronous reading of local files goes through the thread pool for each piece, which
/// costs more than it frees.</remarks>
internal sealed class FilePump : IDisposable
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private SafeFileHandle? _handle;
    private string _path = "";

    public long Length => FileErrors.Guarded(_path, Reason.SourceUnreadable, () => RandomAccess.GetLength(_handle!));

    /// <exception cref="MailException"><see cref="Reason.SourceUnreadable"/>.</exception>
    public void Open(string path)
    {
        if (_path == path)
            return;
        Dispose();
        _handle = FileErrors.Open(path, Reason.SourceUnreadable);
        _path = path;
    }

    /// <summary>Hands the octets of a message in the open file on as they are stored.</summary>
    /// <param name="enough">Asked before each read.</param>
    public void Run(FoundMessage message, IOctets to, Func<bool>? enough, CancellationToken cancellationToken)
    {
        var at = message.Offset;
        var end = message.Length < 0 ? long.MaxValue : message.Offset + message.Length;
        while (at < end && enough?.Invoke() != true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = FileErrors.Read(_path, _handle!, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, end - at)), at, Reason.SourceUnreadable);
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
        (_handle, _path) = (null, "");
    }
}
