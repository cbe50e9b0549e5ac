using Migrator.Core.Files;
using Migrator.Files.Bytes;

namespace Migrator.Files.Writing;

/// <summary>A file that holds one message. It has a working name until it is whole.</summary>
internal sealed class LooseFile(string working) : IDisposable
{
    // What every file system can hold.
    private static readonly DateTime s_earliest = new(1601, 1, 2, 0, 0, 0, DateTimeKind.Utc);

    private FileStream? _file;

    public IByteSink Begin()
    {
        _file = PrivateFiles.Create(working, bufferSize: 1 << 16);
        return new StreamByteSink(_file);
    }

    /// <param name="modified">INTERNALDATE, which mail programs take from there.</param>
    public void Commit(string path, DateTimeOffset modified)
    {
        Dispose();
        File.SetLastWriteTimeUtc(working, modified.UtcDateTime < s_earliest ? s_earliest : modified.UtcDateTime);
        File.Move(working, path);
    }

    public void Abandon()
    {
        Dispose();
        File.Delete(working);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }
}
