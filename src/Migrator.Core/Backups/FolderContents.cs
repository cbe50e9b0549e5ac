using Migrator.Core.Archives;

namespace Migrator.Core.Backups;

/// <summary>What is known of a folder at one moment of a run.</summary>
/// <param name="Known">What is in pages, and still in the folder.</param>
/// <param name="Stored">What was stored since, ascending by UID: in packs once they are flushed.</param>
internal sealed record FolderContents(KnownMessages Known, ArchivedMessage[] Stored);
