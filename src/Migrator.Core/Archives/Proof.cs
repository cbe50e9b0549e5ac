namespace Migrator.Core.Archives;

/// <summary>When a sample of a mailbox was last restored and found whole.</summary>
/// <param name="At">Null for never.</param>
/// <param name="Snapshot">The name of the snapshot that was proved; null for none.</param>
/// <param name="FailedAt">When the last test failed; null where it did not.</param>
/// <param name="Failed">Messages that could not be restored then, by their object ids: they are tested each time until they can, or are
/// gone.</param>
internal sealed record Proof(DateTimeOffset? At, string? Snapshot, DateTimeOffset? FailedAt, IReadOnlyList<string> Failed)
{
    public static readonly Proof Never = new(null, null, null, []);

    public static async Task<Proof> ReadAsync(Archive archive, string mailbox, CancellationToken stop) =>
        await ControlNotes.ReadAsync<Proof>(archive, NoteOf(mailbox), stop) ?? Never;

    public Task WriteAsync(Archive archive, string mailbox, CancellationToken stop) =>
        ControlNotes.WriteAsync(archive, NoteOf(mailbox), this, stop);

    private static string NoteOf(string mailbox) => $"proofs/{mailbox}.json";
}
