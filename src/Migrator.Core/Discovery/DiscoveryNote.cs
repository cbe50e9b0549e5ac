namespace Migrator.Core.Discovery;

/// <summary>What a source said where it named no server, or what is to be known of its answer.</summary>
/// <param name="Kind">How the source answered.</param>
/// <param name="Text">A sentence for people.</param>
public sealed record DiscoveryNote(DiscoverySource Source, DiscoveryNoteKind Kind, string Text);
