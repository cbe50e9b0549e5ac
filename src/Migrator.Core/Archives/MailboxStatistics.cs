using Migrator.Core.Blobs;

namespace Migrator.Core.Archives;

/// <param name="Newest">When its newest snapshot was written.</param>
/// <param name="State">Of the newest snapshot.</param>
/// <param name="Messages">In it.</param>
/// <param name="Bytes">In it.</param>
/// <param name="Growth">Null where it is not known yet.</param>
/// <param name="LastRun">When a backup looked at it last; null where that is not known.</param>
/// <param name="Requests">Of that run; null where the store does not charge for them.</param>
public sealed record MailboxStatistics(
    string Mailbox,
    int Snapshots,
    DateTimeOffset Newest,
    SnapshotState State,
    long Messages,
    long Bytes,
    Growth? Growth,
    DateTimeOffset? LastRun,
    Requests? Requests
);
