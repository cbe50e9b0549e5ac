using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>Leaves folders without messages out of a plan. What the target has already stays in it, as does what was delivered before, and
/// whatever lies above a folder that is copied.</summary>
internal static class EmptyFolders
{
    private const int MostNamed = 30;

    /// <param name="recorded">Source folders that earlier runs have copied.</param>
    /// <param name="doubtful">Gets folders that failed to open: they stay in the plan. A session may end with the failure; the next
    /// one, with the same set, does not meet it again, and no folder keeps a run from the others.</param>
    public static async Task<FolderPlan> LeaveOutAsync(
        FolderPlan plan,
        IMailSource source,
        IReadOnlySet<FolderPath> recorded,
        HashSet<FolderPath> doubtful,
        CancellationToken cancellationToken
    )
    {
        var candidates = plan
            .Mappings.Where(mapping =>
                SeemsEmpty(mapping) && !recorded.Contains(mapping.Source.Path) && !doubtful.Contains(mapping.Source.Path)
            )
            .ToHashSet();
        var needed = new HashSet<FolderPath>();
        foreach (var mapping in plan.Mappings.Where(mapping => !candidates.Contains(mapping)))
            Need(mapping);
        var empty = new List<FolderMapping>();
        foreach (var mapping in candidates.Where(mapping => !needed.Contains(mapping.Target)))
        {
            if (await IsEmptyAsync(source, mapping.Source.Path, doubtful, cancellationToken))
                empty.Add(mapping);
            else
                Need(mapping);
        }
        empty.RemoveAll(mapping => needed.Contains(mapping.Target));
        return empty.Count == 0
            ? plan
            : plan with
            {
                Mappings = [.. plan.Mappings.Except(empty)],
                Empty = empty.ConvertAll(mapping => mapping.Source),
                Notices = [.. plan.Notices, Notice(empty)],
            };

        void Need(FolderMapping mapping)
        {
            for (var path = mapping.Target; path is not null && needed.Add(path); path = path.Parent) { }
        }
    }

    private static bool SeemsEmpty(FolderMapping mapping) => !mapping.Exists && mapping.Source.State is { Count: 0 };

    /// <summary>Some servers say of a folder that it is empty, and list its messages once it is open.</summary>
    private static async Task<bool> IsEmptyAsync(
        IMailSource source,
        FolderPath folder,
        HashSet<FolderPath> doubtful,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var state = await source.OpenAsync(folder, cancellationToken);
            return state.Count == 0 && (await source.ListUidsAsync(1, cancellationToken)).Count == 0;
        }
        catch (MailException exception)
        {
            // The copy of this folder meets the same failure, and reports it.
            doubtful.Add(folder);
            if (exception.Reason.Scope is not (FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox))
                throw;
            return false;
        }
    }

    private static string Notice(IReadOnlyList<FolderMapping> empty)
    {
        var names = string.Join(", ", empty.Take(MostNamed).Select(mapping => mapping.Source.Path));
        var more = empty.Count > MostNamed ? $" and {empty.Count - MostNamed:N0} more" : "";
        return $"{empty.Count:N0} empty {(empty.Count == 1 ? "folder is" : "folders are")} not created at the target, as "
            + $"folders.emptyFolders says: {names}{more}.";
    }
}
