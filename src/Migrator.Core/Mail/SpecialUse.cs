namespace Migrator.Core.Mail;

/// <summary>What a folder is for, where its server says so (RFC 6154). A folder has one use at most here; of several
/// that a server gives, the first in this order counts.</summary>
public enum SpecialUse
{
    None,
    Inbox,
    Sent,
    Drafts,
    Trash,
    Junk,
    Archive,
    Flagged,
    Important,
    All,
}
