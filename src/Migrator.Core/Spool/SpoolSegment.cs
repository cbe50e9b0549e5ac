using Migrator.Core.Failures;
using Migrator.Core.Files;

namespace Migrator.Core.Spool;

/// <summary>One file of the spool. It is removed when its writer is done with it and its last entry is
/// released.</summary>
internal sealed class SpoolSegment
{
    private readonly string _path;
    private readonly FileStream _file;
    private int _holders = 1;

    public SpoolSegment(string path)
    {
        _path = path;
        _file = SpoolDirectory.Guarded(path, () => PrivateFiles.Create(path, FileAccess.ReadWrite, bufferSize: 0));
    }

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, bytes, Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            SpoolDirectory.Guarded<bool>(_path, () => throw exception);
        }
        Length += bytes.Length;
    }

    public int Read(Span<byte> bytes, long offset)
    {
        try
        {
            return RandomAccess.Read(_file.SafeFileHandle, bytes, offset);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return SpoolDirectory.Guarded<int>(_path, () => throw exception);
        }
    }

    public MailException EndsEarly() => new(Reason.SpoolFailed, $"The spool file {_path} is shorter than what was written to it.");

    public void Hold() => Interlocked.Increment(ref _holders);

    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
            return;
        _file.Dispose();
        SpoolDirectory.Guarded(
            _path,
            () =>
            {
                File.Delete(_path);
                return true;
            }
        );
    }
}
