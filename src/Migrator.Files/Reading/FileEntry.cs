using Migrator.Files.Disk;

namespace Migrator.Files.Reading;

/// <summary>An entry of a directory that may hold mail.</summary>
/// <param name="Stamp">Of a file.</param>
internal readonly record struct FileEntry(string Name, bool IsDirectory, FileStamp Stamp)
{
    public void Deconstruct(out string name, out bool isDirectory) => (name, isDirectory) = (Name, IsDirectory);
}
