namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>What a kind of mailbox has. Of what it does not have, a suite expects what the seam says of that; no fact is passed
/// over.</summary>
public sealed record MailboxTraits
{
    /// <summary>What the protocol leaves out (RFC 1939); servers differ in what becomes of a removed message.</summary>
    public static MailboxTraits Pop3(GoneMessage gone) =>
        new()
        {
            Folders = false,
            FlagsAndDates = false,
            ListedStates = false,
            Gone = gone,
            SummarizesGone = true,
        };

    /// <summary>Folders other than INBOX.</summary>
    public bool Folders { get; init; } = true;

    /// <summary>Flags, and INTERNALDATE: what POP3 has not.</summary>
    public bool FlagsAndDates { get; init; } = true;

    /// <summary>The state of a folder is known when it is listed.</summary>
    public bool ListedStates { get; init; } = true;

    /// <summary>A source tells the subjects of messages.</summary>
    public bool Subjects { get; init; } = true;

    /// <summary>A message that is removed keeps what was read of it until the session ends.</summary>
    public bool SummarizesGone { get; init; }

    /// <summary>What becomes of a message that is there and cannot be read.</summary>
    public UnreadableMessage Unreadable { get; init; } = UnreadableMessage.Fails;

    /// <summary>What becomes of a message that is removed while a session has its folder open.</summary>
    public GoneMessage Gone { get; init; } = GoneMessage.PassedOver;

    /// <summary>The names of odd messages that it does not hold: adding one is refused.</summary>
    public IReadOnlyList<string> UnheldMessages { get; init; } = [];

    /// <summary>It refuses, by rules of its own, some odd messages, but far from all.</summary>
    public bool RefusesSome { get; init; }

    /// <summary>Names of folders that it does not hold: adding one is refused.</summary>
    public IReadOnlyList<string> UnheldNames { get; init; } = [];
}
