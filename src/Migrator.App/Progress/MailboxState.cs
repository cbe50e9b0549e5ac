namespace Migrator.App.Progress;

/// <summary>One mailbox of a <see cref="JobState"/>, while it runs.</summary>
public sealed record MailboxState(string Mailbox, string Phase, long Done, long Expected, long Failed, double MessagesPerSecond);
