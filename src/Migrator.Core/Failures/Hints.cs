namespace Migrator.Core.Failures;

/// <summary>What to do about a failure, where that depends on what was being done. Where nothing is said here, the hint of the
/// <see cref="Reason"/> is right for all.</summary>
public static class Hints
{
    private const string Check = "Run \"migrator archive check --read-data\" to see what is affected, then \"migrator archive repair\".";
    private const string MailServer =
        "The server lists this message but fails to return it. Open it in a mail client; the server's administrator may have "
        + "to repair the mailbox.";
    private const string Rights = "Check this user's rights on the folder at the server, or leave it out with folders.exclude.";
    private const string Fewer = "The server asked for a pause. Run again later, or lower \"connections\" in the job file.";
    private const string Full = "The target mailbox is full. Raise its quota or make room, then run again: only what is missing is sent.";
    private const string Renamed =
        "Give the folder another name at the target (folders.rename in a job file), or leave it out (folders.exclude, or --exclude).";
    private const string NotRemoved =
        "The source refuses to delete its messages; they are still there. Ask the server's administrator, or leave "
        + "deleteAtSourceAfterDays out.";
    private const string Later =
        "The server failed for now, each time it was tried. Run again later; if that does not help, ask its administrator what "
        + "the detail means.";
    private const string ReadOnly =
        "The target user may not add mail to this folder. Grant the right to insert there (ACL), or leave the folder out with "
        + "folders.exclude.";
    private const string List = "\"migrator archive ls\" lists the folders of a snapshot.";

    private static readonly Dictionary<(Reason, Purpose), string> s_hints = new()
    {
        [(Reason.SourceUnreadable, Purpose.Copy)] = MailServer,
        [(Reason.SourceUnreadable, Purpose.Pop3)] = MailServer,
        [(Reason.SourceUnreadable, Purpose.Backup)] = MailServer,
        [(Reason.SourceUnreadable, Purpose.Restore)] = Check,
        [(Reason.SourceUnreadable, Purpose.Export)] = Check,
        [(Reason.SourceUnreadable, Purpose.Archive)] =
            "Check the UID: \"migrator archive ls --folder\" lists those of a folder. If it is there: "
            + $"{char.ToLowerInvariant(Check[0])}{Check[1..]}",
        [(Reason.SourceUnreadable, Purpose.Import)] =
            "Check the file: it may be damaged, cut short, or not mail. Everything else is imported.",

        [(Reason.FolderMissing, Purpose.Import)] = "Its files were moved or removed while they were read. Import again.",
        [(Reason.FolderMissing, Purpose.Export)] = List,
        [(Reason.FolderMissing, Purpose.Archive)] = List,

        [(Reason.FolderUnreadable, Purpose.Copy)] = Rights,
        [(Reason.FolderUnreadable, Purpose.Pop3)] =
            $"If it is the archive that cannot be read: {char.ToLowerInvariant(Check[0])}{Check[1..]}",
        [(Reason.FolderUnreadable, Purpose.Backup)] =
            $"{Rights} If it is the archive that cannot be read: {char.ToLowerInvariant(Check[0])}{Check[1..]}",
        [(Reason.FolderUnreadable, Purpose.Restore)] = Check,
        [(Reason.FolderUnreadable, Purpose.Export)] = Check,
        [(Reason.FolderUnreadable, Purpose.Archive)] = Check,
        [(Reason.FolderUnreadable, Purpose.Import)] = "Check the rights on its files, then import again.",

        [(Reason.FolderRefused, Purpose.Copy)] = Renamed,
        [(Reason.FolderRefused, Purpose.Pop3)] = Renamed,
        [(Reason.FolderRefused, Purpose.Restore)] =
            "Create the folder at the target manually, then restore again. Or restore the other folders only (--folder PATTERN), "
            + "or all into files (\"migrator archive export\").",
        [(Reason.FolderRefused, Purpose.Import)] =
            "Create the folder at the target manually, or give its file or directory another name, then import again.",

        [(Reason.OverQuota, Purpose.Copy)] = Full,
        [(Reason.OverQuota, Purpose.Pop3)] = Full,
        [(Reason.OverQuota, Purpose.Restore)] = Full,

        [(Reason.ServerBusy, Purpose.Copy)] = Fewer,
        [(Reason.ServerBusy, Purpose.Backup)] = Fewer,
        [(Reason.ServerBusy, Purpose.Verify)] = Fewer,

        [(Reason.TemporaryFailure, Purpose.Copy)] = Later,
        [(Reason.TemporaryFailure, Purpose.Pop3)] = Later,
        [(Reason.TemporaryFailure, Purpose.Backup)] = Later,
        [(Reason.TemporaryFailure, Purpose.Verify)] = Later,
        [(Reason.TemporaryFailure, Purpose.Restore)] = Later,

        [(Reason.FolderReadOnly, Purpose.Copy)] = ReadOnly,
        [(Reason.FolderReadOnly, Purpose.Pop3)] = ReadOnly,

        [(Reason.DeletionRefused, Purpose.Pop3)] = NotRemoved,
        [(Reason.DeletionRefused, Purpose.Backup)] = NotRemoved,

        [(Reason.ConnectionLost, Purpose.Verify)] = "Nothing is proved. Verify again.",
        [(Reason.ConnectionLost, Purpose.Export)] = "Export again into an empty directory.",
        [(Reason.Fault, Purpose.Export)] =
            "This is an internal error in Migrator; your mail is not affected. Nothing in the archive was changed. "
            + "Please report it with the log.",
    };

    /// <returns>Sentences for a person.</returns>
    public static string Of(Reason reason, Purpose purpose) => s_hints.GetValueOrDefault((reason, purpose), reason.Hint);

    /// <summary>What has a hint of its own keeps it.</summary>
    internal static Failure For(Failure failure, Purpose purpose) =>
        Reason.Find(failure.Code) is { } reason && failure.Hint == reason.Hint ? failure with { Hint = Of(reason, purpose) } : failure;
}
