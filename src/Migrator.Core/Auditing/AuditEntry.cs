namespace Migrator.Core.Auditing;

/// <summary>What is to be written into the trail. Texts may come from anybody: the trail makes them fit.</summary>
/// <param name="What">What it was done to: job, mailbox, archive, …</param>
/// <param name="Outcome">One of <see cref="AuditOutcome"/>.</param>
/// <param name="Of">The sequence of the line that says that it began; null where there is none.</param>
public sealed record AuditEntry(AuditEvent Event, AuditActor Who, AuditSubject What, string Outcome, string? Detail = null, long? Of = null)
{
    public AuditCut? Cut { get; init; }
}

/// <summary>What an act was done to: names and values, in order.</summary>
public sealed class AuditSubject : List<KeyValuePair<string, string>>
{
    public static AuditSubject Of(params (string Name, string? Value)[] parts)
    {
        var subject = new AuditSubject();
        foreach (var (name, value) in parts)
        {
            if (value is not null)
                subject.Add(KeyValuePair.Create(name, value));
        }
        return subject;
    }
}

/// <summary>What became of an act.</summary>
public static class AuditOutcome
{
    /// <summary>It is about to be done. Where nothing follows, its process ended before it could say more.</summary>
    public const string Begun = "begun";

    public const string Done = "done";

    /// <summary>Done, but not all of it.</summary>
    public const string Incomplete = "incomplete";

    public const string Failed = "failed";

    public const string Refused = "refused";

    /// <summary>Asked to stop on the way.</summary>
    public const string Stopped = "stopped";
}

/// <summary>How the end of the trail differs from what its last writer left.</summary>
/// <param name="Bytes">After the last whole line: what a writer that died has left.</param>
/// <param name="Digest">Their SHA-256; null where there are none.</param>
/// <param name="LostFrom">The first sequence that was recorded and is gone or altered; 0 where none is.</param>
/// <param name="LostTo">The last one.</param>
/// <param name="LostHash">The hash that the last one had.</param>
/// <param name="HeadMissing">The record of the last sequence was missing: whether lines are gone is unknown.</param>
public sealed record AuditCut(long Bytes, string? Digest, long LostFrom, long LostTo, string? LostHash, bool HeadMissing);
