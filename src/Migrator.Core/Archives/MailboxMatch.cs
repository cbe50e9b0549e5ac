namespace Migrator.Core.Archives;

/// <summary>How a mailbox is named.</summary>
public enum MailboxMatch
{
    /// <summary>By a part of its name: to look at.</summary>
    Part,

    /// <summary>By a person who is given mail out of it: its name, its account, its login name, or what is before the "@" of that. With
    /// a part alone, one person's mail would get to another.</summary>
    Name,

    /// <summary>By a job, exactly as the archive has it.</summary>
    Exact,
}
