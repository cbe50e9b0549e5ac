using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>Which folder goes where, decided before the first message moves. Every source folder that holds messages is
/// in exactly one of <see cref="Mappings"/>, <see cref="Excluded"/> and <see cref="Problems"/>.</summary>
/// <param name="Mappings">INBOX first, then in the order of paths: a folder before those below it.</param>
/// <param name="Excluded">Left out by rule.</param>
/// <param name="Notices">What a person should know: a folder that gets another name, a rule that matches nothing.</param>
/// <param name="Problems">Why the plan cannot be carried out; empty for one that can.</param>
public sealed record FolderPlan(
    IReadOnlyList<FolderMapping> Mappings,
    IReadOnlyList<MailFolder> Excluded,
    IReadOnlyList<string> Notices,
    IReadOnlyList<FolderProblem> Problems
)
{
    /// <summary>Labels that are not copied as folders, because copied folders show all of their messages.</summary>
    public IReadOnlyList<MailFolder> ShownElsewhere { get; init; } = [];

    /// <summary>Without messages, and therefore not created at the target.</summary>
    public IReadOnlyList<MailFolder> Empty { get; init; } = [];

    /// <summary>Labels are keywords of the messages, and not folders.</summary>
    public bool LabelsAreKeywords { get; init; }

    /// <summary>Patterns of folders.include that match nothing, as text; empty where that is not an error.</summary>
    public IReadOnlyList<string> Misses { get; init; } = [];

    /// <summary>All that stands against it, as text.</summary>
    public IReadOnlyList<string> Obstacles =>
        [.. Misses.Select(miss => $"folders.include: {miss}"), .. Problems.Select(problem => problem.Message)];

    /// <param name="source">All folders of the source mailbox.</param>
    /// <param name="target">All folders of the target mailbox.</param>
    /// <param name="before">Where earlier runs delivered source folders. A target that its user gives a folder of some use later must
    /// not draw mail there a second time.</param>
    public static FolderPlan Create(
        IReadOnlyList<MailFolder> source,
        IReadOnlyList<MailFolder> target,
        FolderRules rules,
        TargetCapabilities traits,
        IReadOnlyDictionary<FolderPath, FolderPath> before
    ) => new FolderPlanner(source, target, rules, traits, before).Plan();

    /// <summary>Lists both mailboxes and plans.</summary>
    /// <param name="known">What is recorded, the earliest first.</param>
    /// <param name="doubtful">Folders that cannot be called empty; the same set for each attempt.</param>
    public static async Task<(FolderPlan Plan, IReadOnlyList<MailFolder> Target)> MakeAsync(
        IMailSource source,
        IMailTarget target,
        FolderRules rules,
        IReadOnlyList<FolderCheckpoint> known,
        HashSet<FolderPath> doubtful,
        CancellationToken cancellationToken
    )
    {
        var sourceFolders = await source.ListFoldersAsync(cancellationToken);
        var targetFolders = await target.ListFoldersAsync(cancellationToken);
        var refused = await target.RefusedInNamesAsync(CharactersToProbe(sourceFolders, targetFolders, rules), cancellationToken);
        var plan = Create(
            sourceFolders,
            targetFolders,
            rules,
            target.Traits with
            {
                Refused = refused,
                FoldsCase = target.Traits.FoldsCase || await FoldsCaseAsync(sourceFolders, target, targetFolders, rules, cancellationToken),
            },
            known.GroupBy(folder => folder.Source).ToDictionary(folder => folder.Key, folder => folder.Last().Target)
        );
        if (!rules.CreateEmpty)
            plan = await EmptyFolders.LeaveOutAsync(
                plan,
                source,
                known.Select(folder => folder.Source).ToHashSet(),
                doubtful,
                cancellationToken
            );
        return (plan with { Notices = [.. source.ListingNotices, .. target.ListingNotices, .. plan.Notices] }, targetFolders);
    }

    /// <summary>Characters that not every server takes, in names that the target does not have yet.</summary>
    private static IReadOnlyCollection<char> CharactersToProbe(
        IReadOnlyList<MailFolder> source,
        IReadOnlyList<MailFolder> target,
        FolderRules rules
    )
    {
        var there = target.Select(folder => folder.Path).ToHashSet();
        return source
            .Where(folder => folder.Selectable && (rules.Into is not null || !there.Contains(folder.Path)))
            .SelectMany(folder => folder.Path.Names)
            .Concat(rules.Rename.Values)
            .Concat(rules.RenamePatterns.Select(pattern => pattern.To))
            .Concat(rules.Into?.Names ?? [])
            .SelectMany(name => name)
            .Where(letter => char.IsAscii(letter) && (char.IsPunctuation(letter) || char.IsSymbol(letter)))
            .ToHashSet();
    }

    /// <summary>Asked only where it matters: of names that differ in case alone, one at least is to be created.</summary>
    private static async Task<bool> FoldsCaseAsync(
        IReadOnlyList<MailFolder> source,
        IMailTarget target,
        IReadOnlyList<MailFolder> there,
        FolderRules rules,
        CancellationToken cancellationToken
    )
    {
        var places = new FolderPlaces(rules);
        var paths = source
            .Select(folder => places.Of(folder.Path).Path)
            .Concat(there.Select(folder => folder.Path))
            .Concat(rules.Into is { } into ? [into] : [])
            .ToHashSet();
        return paths.Count > paths.Distinct(FoldedNames.Comparer).Count()
            && there.FirstOrDefault(folder =>
                folder is { Selectable: true, Namespace: NamespaceKind.Private }
                && !folder.Path.IsInbox
                && folder.Path.Name.Any(char.IsAsciiLetter)
                && paths.Count(path => FoldedNames.Comparer.Equals(path, folder.Path)) == 1
            )
                is { } known
            && await target.FoldsCaseAsync(known.Path, cancellationToken);
    }

    /// <summary>Target folders that are still to be created and lie above others that are. Lanes race: were one below created first, the
    /// server might make the one above a mere level of the hierarchy.</summary>
    public IReadOnlyList<FolderMapping> MissingParents()
    {
        var above = Mappings.Select(mapping => mapping.Target.Parent).OfType<FolderPath>().ToHashSet();
        foreach (var path in above.ToList())
        {
            for (var parent = path.Parent; parent is not null; parent = parent.Parent)
                above.Add(parent);
        }
        return
        [
            .. Mappings.Where(mapping => !mapping.Exists && above.Contains(mapping.Target)).OrderBy(mapping => mapping.Target.Names.Count),
        ];
    }

    /// <exception cref="FolderPlanException">There are <see cref="Obstacles"/>.</exception>
    public void ThrowIfImpossible()
    {
        if (Obstacles.Count > 0)
            throw new FolderPlanException(Obstacles, Problems);
    }
}
