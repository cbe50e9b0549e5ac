namespace Migrator.Core.Mail;

/// <summary>One field of a header, in few bytes.</summary>
/// <param name="Hash">Of the whole field. Its key is chosen by this process at random, so that nobody can prepare two fields that have the
/// same.</param>
public readonly record struct HashedField(ulong Hash, HeaderName Name);
