using Microsoft.Win32.SafeHandles;

namespace Migrator.Files.Disk;

/// <summary>By which a file that changes while it is read is noticed.</summary>
/// <param name="Modified">In ticks.</param>
internal readonly record struct FileStamp(long Size, long Modified)
{
    public DateTimeOffset ModifiedAt => new(new DateTime(Modified - (Modified % TimeSpan.TicksPerSecond), DateTimeKind.Utc));

    public static FileStamp Of(FileInfo file) => new(file.Length, file.LastWriteTimeUtc.Ticks);

    public static FileStamp Of(SafeFileHandle file) => new(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks);
}
