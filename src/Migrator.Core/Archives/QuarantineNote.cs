namespace Migrator.Core.Archives;

/// <summary>What a repair says of a blob that it gave up.</summary>
/// <remarks>As long as its properties are read-only, the note is an empty object: <see cref="ArchiveJson"/> leaves those out. Only its name
/// is looked for.</remarks>
/// <param name="why">In words.</param>
internal sealed class QuarantineNote(string blob, string why, DateTimeOffset at)
{
    public string Blob => blob;

    public string Why => why;

    public DateTimeOffset At => at;
}
