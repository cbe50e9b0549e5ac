namespace Migrator.Core.Archives;

/// <summary>Blobs that a repair gave up and the store would not let go of: noted beside the archive, and passed over.</summary>
internal sealed class Quarantine(IReadOnlySet<string> notes)
{
    public const string Prefix = "quarantine/";

    public static string NoteOf(string blob) => Prefix + blob.Split('/')[^1];

    public bool Says(Quarantine other) => notes.SetEquals(other.Notes);

    private IReadOnlySet<string> Notes => notes;

    public bool Contains(string blob) => notes.Contains(NoteOf(blob));
}
