namespace Migrator.Core.Jobs;

/// <param name="Name">Of the mailbox, once in its job.</param>
/// <param name="Job">What is done for it.</param>
public sealed record JobMailbox(string Name, Job Job)
{
    /// <summary>File and line, for people.</summary>
    public string Place { get; init; } = "";
}
