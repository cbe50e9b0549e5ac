using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Plans;
using Migrator.Core.Selection;

namespace Migrator.Core.Jobs;

/// <summary>What is copied from where to where, whatever is at the ends.</summary>
/// <param name="Name">Of the job.</param>
/// <param name="Source">Names the source in checkpoints and reports.</param>
/// <param name="Target">Names the target likewise.</param>
public sealed record Transfer(string Name, string Source, string Target, FolderRules Folders, RunOptions Options)
{
    /// <summary>Which messages of these folders.</summary>
    public MessageRules Messages { get; init; } = MessageRules.All;

    /// <summary>How the target follows what is moved and deleted at the source; null where it does not.</summary>
    public FollowRules? Follow { get; init; }

    /// <summary>What a run may do, as a person has seen it beforehand; null for all that is to be done.</summary>
    public AppliedPlan? Plan { get; init; }

    /// <summary>For hints.</summary>
    public Purpose Purpose { get; init; }

    /// <summary>What the source is called in an archive, whatever server it is on.</summary>
    public string Mailbox
    {
        get => field ?? Source;
        init;
    }
}
