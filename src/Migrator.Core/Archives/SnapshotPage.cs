using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <param name="Identity">The page that identifies its messages.</param>
/// <param name="Flags">The page with their flags.</param>
/// <param name="LastUid">The highest UID in it.</param>
/// <param name="Count">Messages in it, at most 4,096.</param>
public sealed record SnapshotPage(ContentId Identity, ContentId Flags, Uid LastUid, int Count);
