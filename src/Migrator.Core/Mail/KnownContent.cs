namespace Migrator.Core.Mail;

/// <summary>What a message was when it was read.</summary>
public readonly record struct KnownContent(ContentId Content, long Size);
