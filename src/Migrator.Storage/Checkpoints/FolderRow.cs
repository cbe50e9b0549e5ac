using System.Data.Common;
using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Storage.Sql;

namespace Migrator.Storage.Checkpoints;

/// <summary>A row of <c>folder</c>, the same in both databases.</summary>
internal static class FolderRow
{
    public const string Save = """
        INSERT INTO folder (mailbox_id, source, uid_validity, next_uid, target, target_uid_validity,
            completed_uid_next, completed_mod_seq, completed_count, target_uid_next, target_mod_seq, target_count, flags_mod_seq,
            source_mark_uid_next, source_mark_mod_seq, target_mark_uid_next, target_mark_mod_seq, sent_from, selection,
            is_target_ours)
        VALUES (@mailboxId, @source, @validity, @nextUid, @target, @targetValidity,
            @uidNext, @modSeq, @count, @targetUidNext, @targetModSeq, @targetCount, @flagsModSeq,
            @sourceMarkUidNext, @sourceMarkModSeq, @targetMarkUidNext, @targetMarkModSeq, @sentFrom, @selection,
            @isTargetOurs)
        ON CONFLICT (mailbox_id, source, uid_validity) DO UPDATE SET
            next_uid = excluded.next_uid, target = excluded.target, target_uid_validity = excluded.target_uid_validity,
            completed_uid_next = excluded.completed_uid_next, completed_mod_seq = excluded.completed_mod_seq,
            completed_count = excluded.completed_count,
            target_uid_next = excluded.target_uid_next, target_mod_seq = excluded.target_mod_seq, target_count = excluded.target_count,
            flags_mod_seq = excluded.flags_mod_seq,
            source_mark_uid_next = excluded.source_mark_uid_next, source_mark_mod_seq = excluded.source_mark_mod_seq,
            target_mark_uid_next = excluded.target_mark_uid_next, target_mark_mod_seq = excluded.target_mark_mod_seq,
            sent_from = excluded.sent_from, selection = excluded.selection, is_target_ours = excluded.is_target_ours
        RETURNING id
        """;

    /// <summary>Two searches in indexes: with OR between the conditions, every folder of the mailbox might be looked at.</summary>
    public const string OfPaths = """
        SELECT * FROM folder WHERE mailbox_id = @mailboxId AND source = @source
        UNION SELECT * FROM folder WHERE mailbox_id = @mailboxId AND target = @target
        ORDER BY id
        """;

    public const string OfFormer = $"""
        SELECT * FROM folder f WHERE mailbox_id = @mailboxId
            AND EXISTS (SELECT 1 FROM message WHERE folder_id = f.id AND {MessageRow.IsFormer})
        ORDER BY id
        """;

    public const string Rename = "UPDATE folder SET source = @source, target = @target WHERE id = @folderId AND mailbox_id = @mailboxId";

    public const string SaveUndonePlace =
        "UPDATE folder SET undone_place = @place, undone_uid_validity = @validity WHERE id = @folderId AND mailbox_id = @mailboxId";

    public static (string Name, SqlValue Value)[] Values(long mailboxId, FolderCheckpoint folder) =>
        [
            ("mailboxId", mailboxId),
            ("source", folder.Source.ToString()),
            ("validity", (long)folder.UidValidity.Value),
            ("nextUid", (long)folder.NextUid.Value),
            ("target", folder.Target.ToString()),
            ("targetValidity", (long)folder.TargetUidValidity.Value),
            ("uidNext", (long?)folder.Completed?.UidNext.Value),
            ("modSeq", (long?)folder.Completed?.HighestModSeq),
            ("count", (long?)folder.Completed?.Count),
            ("targetUidNext", (long?)folder.CompletedTarget?.UidNext.Value),
            ("targetModSeq", (long?)folder.CompletedTarget?.HighestModSeq),
            ("targetCount", (long?)folder.CompletedTarget?.Count),
            ("flagsModSeq", (long)folder.FlagsModSeq),
            ("sourceMarkUidNext", (long)folder.SourceMark.UidNext.Value),
            ("sourceMarkModSeq", (long)folder.SourceMark.ModSeq),
            ("targetMarkUidNext", (long)folder.TargetMark.UidNext.Value),
            ("targetMarkModSeq", (long)folder.TargetMark.ModSeq),
            ("sentFrom", (long)folder.SentFrom.Uid.Value),
            ("selection", folder.Selection),
            ("isTargetOurs", folder.IsTargetOurs),
        ];

    /// <summary>What was delivered and never inspected is remembered as that: nobody knows that it was ever there as it was sent.</summary>
    public const string ReasonOfRetired = "CASE state WHEN 5 THEN 'Unchecked' WHEN 6 THEN reason END";

    /// <summary>A generation whose UIDs were given again has the negative of its id for a UIDVALIDITY: different for each, and none that a
    /// server shows.</summary>
    public const string Retire =
        "UPDATE folder SET completed_uid_next = NULL, completed_mod_seq = NULL, completed_count = NULL, uid_validity = CASE "
        + "WHEN @uidsGivenAgain THEN -id ELSE uid_validity END WHERE id = @folderId";

    /// <param name="row">With all columns.</param>
    public static FolderCheckpoint Read(DbDataReader row)
    {
        var (validity, targetValidity) = (row.Long("uid_validity"), row.Long("target_uid_validity"));
        return new FolderCheckpoint(
            row.Long("id"),
            FolderPath.Parse(row.Text("source")),
            (uint)Math.Max(0, validity),
            (uint)row.Long("next_uid"),
            FolderPath.Parse(row.Text("target")),
            (uint)targetValidity,
            State(validity, row.LongOrNull("completed_uid_next"), row.LongOrNull("completed_mod_seq"), row.LongOrNull("completed_count")),
            State(targetValidity, row.LongOrNull("target_uid_next"), row.LongOrNull("target_mod_seq"), row.LongOrNull("target_count")),
            (ulong)row.Long("flags_mod_seq"),
            new HighWaterMark((uint)row.Long("source_mark_uid_next"), (ulong)row.Long("source_mark_mod_seq")),
            new HighWaterMark((uint)row.Long("target_mark_uid_next"), (ulong)row.Long("target_mark_mod_seq")),
            (uint)row.Long("sent_from")
        )
        {
            Selection = row.TextOrNull("selection"),
            IsTargetOurs = row.Bool("is_target_ours"),
            UndonePlace = row.TextOrNull("undone_place") is { } place ? FolderPath.Parse(place) : null,
            UndoneUidValidity = (uint)row.Long("undone_uid_validity"),
        };
    }

    private static FolderState? State(long validity, long? next, long? modSeq, long? count) =>
        count is null ? null : new FolderState((uint)validity, (uint)next!.Value, (ulong)modSeq!.Value, (int)count.Value);
}
