using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>Which folders the rules <c>include</c> and <c>exclude</c> let through.</summary>
public sealed class FolderChoice(FolderRules rules)
{
    public IReadOnlyList<FolderGlob> Include { get; } = [.. rules.Include.Select(pattern => new FolderGlob(pattern))];

    public IReadOnlyList<FolderGlob> Exclude { get; } = [.. rules.Exclude.Select(pattern => new FolderGlob(pattern))];

    /// <summary>Whether its namespace is one that the rules name, and it holds mail. What is not covered is left out before any pattern is
    /// looked at.</summary>
    public bool Covers(MailFolder folder) =>
        IsOfNamespace(folder) && (!folder.HoldsNoMail || Include.Any(glob => glob.Matches(folder.Path)));

    private bool IsOfNamespace(MailFolder folder) => rules.Namespaces.Contains(folder.Namespace);

    /// <summary>What a person should know of the folders that are not covered.</summary>
    public IEnumerable<string> NoticesOfUncovered(IEnumerable<MailFolder> folders) =>
        [.. Foreign(folders), .. WithoutMail([.. folders.Where(folder => folder.Selectable && IsOfNamespace(folder) && !Covers(folder))])];

    private static IEnumerable<string> WithoutMail(IReadOnlyList<MailFolder> folders) =>
        folders.Count == 0
            ? []
            :
            [
                $"{string.Join(", ", folders.Select(folder => folder.Path.ToString()).Order(StringComparer.Ordinal))}: left out, as the "
                    + "provider keeps calendars, contacts and the like there, and no mail. (folders.include with a pattern that matches "
                    + "them, such as \"**\", includes them.)",
            ];

    private IEnumerable<string> Foreign(IEnumerable<MailFolder> folders) =>
        folders
            .Where(folder => folder.Selectable && !IsOfNamespace(folder))
            .GroupBy(folder => folder.Namespace)
            .Select(group =>
            {
                var (first, more, kind) = (group.First().Path, group.Count() - 1, group.Key == NamespaceKind.Shared ? "shared" : "public");
                return $"{first}{(more > 0 ? $" and {more:N0} more {kind} folders are" : $" is a {kind} folder: it is")} left out. "
                    + $"(folders.namespaces with \"{kind}\" includes {(more > 0 ? "them" : "it")}.)";
            });

    public bool Includes(FolderPath folder) => (Include.Count == 0 || Include.Any(glob => glob.Matches(folder))) && !Excludes(folder);

    /// <summary>Which patterns of <see cref="Include"/> match none of these folders, where that is an error: where nothing is left to do,
    /// or where somebody named this mailbox's folders. Of many mailboxes, not all have all that their job names.</summary>
    /// <param name="folders">That hold messages.</param>
    /// <returns>As text, with what there is.</returns>
    public IReadOnlyList<string> Misses(IReadOnlyList<FolderPath> folders)
    {
        var idle = Include.Where(glob => !folders.Any(glob.Matches)).ToList();
        return idle.Count == Include.Count || rules.EveryIncludeMatches
            ? [.. idle.Select(glob => $"\"{glob.Pattern}\" matches no folder.{Meant(glob.Pattern, folders)}")]
            : [];
    }

    /// <summary>What somebody may have meant, and what there is.</summary>
    public static string Meant(string text, IReadOnlyList<FolderPath> folders)
    {
        var paths = folders.Select(folder => folder.ToString()).Order(StringComparer.Ordinal).ToList();
        var meant =
            folders.FirstOrDefault(folder => folder.Name.Equals(text, StringComparison.OrdinalIgnoreCase))?.ToString()
            ?? (paths.Exists(path => path.StartsWith($"{text}/", StringComparison.OrdinalIgnoreCase)) ? $"{text}/**" : null)
            ?? Spelling.Closest(text, paths);
        var more = paths.Count > MostNamed ? $" and {paths.Count - MostNamed:N0} more" : "";
        return $"{(meant is null ? "" : $" Did you mean \"{meant}\"?")} There "
            + $"{(paths.Count == 0 ? "is none" : $"are: {string.Join(", ", paths.Take(MostNamed))}")}{more}.";
    }

    private const int MostNamed = 30;

    /// <summary>Left out by a rule of its own, not for lack of one that includes it.</summary>
    public bool Excludes(FolderPath folder) => Exclude.Any(glob => glob.Matches(folder));
}
