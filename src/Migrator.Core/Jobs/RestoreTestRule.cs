namespace Migrator.Core.Jobs;

/// <param name="Mailboxes">Of the archive, each time: 1 to 10,000.</param>
/// <param name="Messages">Of each of them: 1 to 1,000,000.</param>
public sealed record RestoreTestRule(int Mailboxes, int Messages)
{
    public static readonly RestoreTestRule Default = new(5, 100);
}
