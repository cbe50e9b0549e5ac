namespace Migrator.Core.Checkpoints;

/// <summary>The two ends of a migration, by which its checkpoint is found. Job names are not part of it: a job that is
/// renamed must not deliver everything again.</summary>
/// <param name="Source">Such as <c>imap://ann@old.example:993</c>; no secret.</param>
/// <param name="Target">Likewise.</param>
public sealed record MailboxPair(string Source, string Target)
{
    public override string ToString() => $"{Source} -> {Target}";
}
