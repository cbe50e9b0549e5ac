using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Spool;

/// <summary>One message's bytes in the spool, until it is disposed.</summary>
public sealed class SpoolEntry : IDisposable
{
    private readonly SpoolDirectory _directory;
    private readonly SpoolSegment _segment;
    private readonly long _offset;
    private int _released;

    internal SpoolEntry(SpoolDirectory directory, SpoolSegment segment, long offset, long length, ContentId content, bool isDelicate)
    {
        (_directory, _segment, _offset, Length, Content, IsDelicate) = (directory, segment, offset, length, content, isDelicate);
        segment.Hold();
        directory.Take(length);
    }

    public ContentId Content { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>It holds bytes that some servers change when they store a message.</summary>
    public bool IsDelicate { get; }

    /// <summary>The bytes, from the first; may be called more than once, until the entry is disposed.</summary>
    public Stream Open() => new SpoolEntryStream(_segment, _offset, Length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 1)
            return;
        _segment.LetGo();
        _directory.Give(Length);
    }
}
