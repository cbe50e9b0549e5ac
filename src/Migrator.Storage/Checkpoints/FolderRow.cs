using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Storage.Checkpoints;

/// <summary>A row of <c>folder</c>, the same in both databases, as Dapper reads it.</summary>
internal sealed record FolderRow(long Id, long Mailbox_id, string Source, long Uid_validity, long Next_uid, string Target, long Target_uid_validity,
    long? Completed_uid_next, long? Completed_mod_seq, long? Completed_count, long? Target_uid_next, long? Target_mod_seq, long? Target_count, long Flags_mod_seq,
    long Source_mark_uid_next, long Source_mark_mod_seq, long Target_mark_uid_next, long Target_mark_mod_seq, long Sent_from)
{
    public const string Save = """
        INSERT INTO folder (mailbox_id, source, uid_validity, next_uid, target, target_uid_validity, completed_uid_next, completed_mod_seq, completed_count,
            target_uid_next, target_mod_seq, target_count, flags_mod_seq, source_mark_uid_next, source_mark_mod_seq, target_mark_uid_next, target_mark_mod_seq, sent_from)
        VALUES (@mailboxId, @source, @validity, @nextUid, @target, @targetValidity, @uidNext, @modSeq, @count, @targetUidNext, @targetModSeq, @targetCount, @flagsModSeq,
            @sourceMarkUidNext, @sourceMarkModSeq, @targetMarkUidNext, @targetMarkModSeq, @sentFrom)
        ON CONFLICT (mailbox_id, source, uid_validity) DO UPDATE SET
            next_uid = excluded.next_uid, target = excluded.target, target_uid_validity = excluded.target_uid_validity,
            completed_uid_next = excluded.completed_uid_next, completed_mod_seq = excluded.completed_mod_seq, completed_count = excluded.completed_count,
            target_uid_next = excluded.target_uid_next, target_mod_seq = excluded.target_mod_seq, target_count = excluded.target_count,
            flags_mod_seq = excluded.flags_mod_seq, source_mark_uid_next = excluded.source_mark_uid_next, source_mark_mod_seq = excluded.source_mark_mod_seq,
            target_mark_uid_next = excluded.target_mark_uid_next, target_mark_mod_seq = excluded.target_mark_mod_seq, sent_from = excluded.sent_from
        RETURNING id
        """;

    public static object Values(long mailboxId, FolderCheckpoint folder) => new
    {
        mailboxId,
        source = folder.Source.ToString(),
        validity = (long)folder.UidValidity,
        nextUid = (long)folder.NextUid,
        target = folder.Target.ToString(),
        targetValidity = (long)folder.TargetUidValidity,
        uidNext = (long?)folder.Completed?.UidNext,
        modSeq = (long?)folder.Completed?.HighestModSeq,
        count = (long?)folder.Completed?.Count,
        targetUidNext = (long?)folder.CompletedTarget?.UidNext,
        targetModSeq = (long?)folder.CompletedTarget?.HighestModSeq,
        targetCount = (long?)folder.CompletedTarget?.Count,
        flagsModSeq = (long)folder.FlagsModSeq,
        sourceMarkUidNext = (long)folder.SourceMark.UidNext,
        sourceMarkModSeq = (long)folder.SourceMark.ModSeq,
        targetMarkUidNext = (long)folder.TargetMark.UidNext,
        targetMarkModSeq = (long)folder.TargetMark.ModSeq,
        sentFrom = (long)folder.SentFrom,
    };

    /// <summary>What was delivered and never inspected is remembered as that: nobody knows that it was ever there as it was sent.</summary>
    public const string ReasonOfRetired = "CASE state WHEN 5 THEN 'Unchecked' WHEN 6 THEN reason END";

    /// <summary>A generation whose UIDs were given again has the negative of its id for a UIDVALIDITY: different for each, and none that a server shows.</summary>
    public const string Retire = "UPDATE folder SET completed_uid_next = NULL, completed_mod_seq = NULL, completed_count = NULL, uid_validity = CASE WHEN @uidsGivenAgain THEN -id ELSE uid_validity END WHERE id = @folderId";

    public FolderCheckpoint ToFolder() => new(Id, FolderPath.Parse(Source), (uint)Math.Max(0, Uid_validity), (uint)Next_uid, FolderPath.Parse(Target), (uint)Target_uid_validity,
        State(Uid_validity, Completed_uid_next, Completed_mod_seq, Completed_count),
        State(Target_uid_validity, Target_uid_next, Target_mod_seq, Target_count),
        (ulong)Flags_mod_seq,
        new HighWaterMark((uint)Source_mark_uid_next, (ulong)Source_mark_mod_seq),
        new HighWaterMark((uint)Target_mark_uid_next, (ulong)Target_mark_mod_seq),
        (uint)Sent_from);

    private static FolderState? State(long validity, long? next, long? modSeq, long? count) =>
        count is null ? null : new FolderState((uint)validity, (uint)next!.Value, (ulong)modSeq!.Value, (int)count.Value);
}
