using MailKit;
using Migrator.Core.Mail;

namespace Migrator.Mail.Imap;

/// <param name="Attributes">As LIST showed them: LSUB, which is asked afterwards, may show others.</param>
internal sealed record ListedFolder(StreamingImapFolder Folder, FolderAttributes Attributes, NamespaceKind Kind)
{
    private const FolderAttributes NoFolder = FolderAttributes.NoSelect | FolderAttributes.NonExistent;

    public bool IsInbox { get; init; }

    /// <summary>It only holds other folders, whatever its attributes say.</summary>
    public bool IsContainer { get; init; }

    /// <summary>INBOX always: one that does not open is a failure that must not pass for a level of the hierarchy.</summary>
    public bool Selectable => IsInbox || (!IsContainer && (Attributes & NoFolder) == 0);

    /// <summary>LSUB shows a folder that is none (<c>\Noselect</c>) where only something below it is subscribed to (RFC 3501, section
    /// 6.3.9).</summary>
    public bool Subscribed => Folder.IsSubscribed && (Folder.Attributes & NoFolder & ~Attributes) == 0;
}
