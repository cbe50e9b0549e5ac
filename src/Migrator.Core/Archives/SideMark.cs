namespace Migrator.Core.Archives;

/// <summary>What marks the side of an archive.</summary>
/// <remarks>As long as its property is read-only, the mark is an empty object: <see cref="ArchiveJson"/> leaves those out. Only its name is
/// looked for.</remarks>
internal sealed class SideMark(Guid archive)
{
    public Guid Archive => archive;
}
