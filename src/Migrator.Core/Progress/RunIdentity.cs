namespace Migrator.Core.Progress;

/// <summary>Whose run it is, as metrics and traces name it.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="Mailbox">Its name within the job; on traces only, since metrics must stay few. Null where the job has only one.</param>
/// <param name="Attempt">1 or more.</param>
public sealed record RunIdentity(string Job, string? Mailbox, int Attempt);
