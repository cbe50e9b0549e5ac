namespace Migrator.Core.Archives;

/// <summary>A page of a folder, and what is known of it without reading it again.</summary>
/// <param name="Total">Messages of its identity page, those that are gone too.</param>
/// <param name="Bytes">Of the messages in it that are not gone.</param>
/// <param name="Flags">The flags page that it is to have, as long as it is not written; null where no flags changed.</param>
internal sealed record KnownPage(SnapshotPage Page, int Total, long Bytes, byte[]? Flags = null);
