namespace Migrator.Core.Mail;

/// <summary>A copy that the target made of a message that it has (COPYUID, RFC 4315).</summary>
/// <param name="Original">In the folder that was open.</param>
/// <param name="UidValidity">Of the folder that it was copied to.</param>
/// <param name="Uid">There.</param>
public readonly record struct CopiedMessage(TargetUid Original, UidValidity UidValidity, TargetUid Uid);
