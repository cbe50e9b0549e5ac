using Migrator.Core.Following;

namespace Migrator.Core.Jobs;

/// <summary>Reads whether, and how, the target follows moves and deletions.</summary>
internal static class FollowParser
{
    private const string Name = "follow";

    private static readonly Dictionary<string, DeletionMode> s_deletions = new()
    {
        ["trash"] = DeletionMode.Trash,
        ["folder"] = DeletionMode.Folder,
        ["mark"] = DeletionMode.Mark,
        ["expunge"] = DeletionMode.Expunge,
        ["keep"] = DeletionMode.Keep,
    };

    /// <returns>Null where it does not.</returns>
    public static FollowRules? Read(JsonObjectReader file)
    {
        if (!file.HoldsObject(Name))
            return file.Flag(Name) ?? false ? FollowRules.Default : null;
        var follow = file.Object(Name)!;
        var limit = follow.Object("limit");
        var rules = new FollowRules
        {
            Deletions = follow.Choice("deletions", s_deletions) ?? DeletionMode.Trash,
            Folder = JobParser.ReadPlace(follow, "folder") ?? FollowRules.DefaultFolder,
            MostPercent = limit?.Number("percent", 0, 100) ?? FollowRules.DefaultMostPercent,
            MostMessages = limit?.Number("messages", 1, 1_000_000) ?? FollowRules.DefaultMostMessages,
        };
        if (follow.Has("folder") && rules.Deletions is not (DeletionMode.Trash or DeletionMode.Folder))
            follow.Wrong(follow.At("folder"), "is for \"deletions\": \"trash\" or \"folder\".");
        limit?.NothingElse();
        follow.NothingElse();
        return rules;
    }
}
