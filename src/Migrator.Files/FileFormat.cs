namespace Migrator.Files;

/// <summary>How a mailbox lies in local files.</summary>
public enum FileFormat
{
    /// <summary>One file per folder, lines that look like separators quoted the reversible way (mboxrd); subfolders in
    /// <c>NAME.sbd/</c>, as Thunderbird keeps them.</summary>
    Mbox,

    /// <summary>One file per message, Maildir++: INBOX is the root, other folders are <c>.Name.Sub</c>.</summary>
    Maildir,

    /// <summary>One <c>.eml</c> file per message, directories by folder.</summary>
    Eml,
}
