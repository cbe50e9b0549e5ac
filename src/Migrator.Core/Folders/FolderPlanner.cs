using System.Text;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>Makes one <see cref="FolderPlan"/>.</summary>
internal sealed class FolderPlanner(IReadOnlyList<MailFolder> source, IReadOnlyList<MailFolder> target, FolderRules rules, TargetTraits traits)
{
    private readonly List<string> _notices = [];
    private readonly List<FolderProblem> _problems = [];
    private readonly List<(FolderPath From, FolderPath To)> _renames =
        [.. rules.Rename.Select(rename => (FolderPath.Parse(rename.Key), FolderPath.Parse(rename.Value))).OrderByDescending(rename => rename.Item1.Names.Count)];

    private sealed record Placement(MailFolder Folder, FolderPath ByName, FolderPath Target, bool Renamed, bool ByUse);

    public FolderPlan Plan()
    {
        var selectable = source.Where(folder => folder.Selectable).OrderBy(folder => !folder.Path.IsInbox).ThenBy(folder => folder.Path.ToString(), StringComparer.Ordinal).ToList();
        NoticeIdleRules(selectable);
        var (included, excluded) = (selectable.Where(Included).ToList(), selectable.Where(folder => !Included(folder)).ToList());
        NoticeViews(included);

        var placements = KeepApart(included.ConvertAll(Place));
        Collide(placements);
        var impossible = _problems.Select(problem => problem.Folder).ToHashSet();
        var possible = placements.Where(placement => !impossible.Contains(placement.Folder)).ToList();
        NoticeNames(possible);
        return new FolderPlan(
            possible.ConvertAll(placement => new FolderMapping(placement.Folder, placement.Target, target.Any(folder => folder.Path == placement.Target))),
            excluded, _notices, _problems);
    }

    private bool Included(MailFolder folder) =>
        (rules.Include.Count == 0 || rules.Include.Any(pattern => new FolderGlob(pattern).Matches(folder.Path)))
        && !rules.Exclude.Any(pattern => new FolderGlob(pattern).Matches(folder.Path));

    private Placement Place(MailFolder folder)
    {
        var rename = _renames.Find(rename => Holds(rename.From, folder.Path));
        var wanted = rename.To?.Concat(folder.Path.Names.Skip(rename.From.Names.Count)) ?? folder.Path;
        var byName = Legal(wanted);
        var byUse = rules.SpecialUse == SpecialUseRule.Match && rename.To is null && folder.Use is not (SpecialUse.None or SpecialUse.Inbox)
            ? target.FirstOrDefault(other => other.Use == folder.Use && other.Selectable)?.Path : null;
        return new Placement(folder, byName, byUse ?? byName, rename.To is not null, byUse is not null && byUse != byName);
    }

    private static bool Holds(FolderPath parent, FolderPath path) =>
        path.Names.Count >= parent.Names.Count && parent.Names.SequenceEqual(path.Names.Take(parent.Names.Count));

    /// <summary>The same path in names that the target can hold.</summary>
    private FolderPath Legal(FolderPath path)
    {
        // Where every folder lives below INBOX anyway, a folder below INBOX and one beside it are the same.
        IReadOnlyList<string> names = traits.Prefix.SequenceEqual(["INBOX"], StringComparer.OrdinalIgnoreCase) && path.Names.Count > 1 && path.Names[0] == "INBOX"
            ? [.. path.Names.Skip(1)] : path.Names;
        return new FolderPath([.. names.Select(Legal)]);
    }

    private string Legal(string name)
    {
        var legal = new StringBuilder(name.Length);
        foreach (var letter in name)
            legal.Append(letter == traits.Delimiter || char.IsControl(letter) || letter is '\u2028' or '\u2029' ? '_' : letter);
        return legal.ToString();
    }

    /// <summary>A folder goes by its use only where that does not push it together with another.</summary>
    private List<Placement> KeepApart(List<Placement> placements)
    {
        var crowded = placements.GroupBy(placement => placement.Target).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        return placements.ConvertAll(placement =>
        {
            if (!placement.ByUse)
                return placement;
            if (!crowded.Contains(placement.Target))
            {
                _notices.Add($"{placement.Folder.Path} goes to {placement.Target}: the target keeps its {placement.Folder.Use} mail there. (specialUse \"name\" keeps the name.)");
                return placement;
            }
            _notices.Add($"{placement.Folder.Path} keeps its name although the target keeps its {placement.Folder.Use} mail in {placement.Target}: another folder goes there.");
            return placement with { Target = placement.ByName, ByUse = false };
        });
    }

    private void Collide(List<Placement> placements)
    {
        foreach (var group in placements.GroupBy(placement => placement.Target).Where(group => group.Count() > 1))
        {
            var names = string.Join(" and ", group.Select(placement => placement.Folder.Path));
            if (group.Any(placement => placement.Renamed))
            {
                _notices.Add($"{names} are merged into {group.Key}, as folders.rename says.");
                continue;
            }
            foreach (var placement in group)
                _problems.Add(new FolderProblem(placement.Folder, $"{names} would both become {group.Key} at the target. Give one of them another name with folders.rename, such as \"{placement.Folder.Path}\": \"{group.Key} 2\", or leave it out with folders.exclude."));
        }
        foreach (var group in placements.Select(placement => placement.Target).Distinct().GroupBy(path => path.ToString(), StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            _notices.Add($"{string.Join(" and ", group)} differ only in upper and lower case; some servers take them for one folder.");
    }

    private void NoticeNames(List<Placement> placements)
    {
        foreach (var placement in placements.Where(placement => !placement.ByUse && !placement.Renamed && placement.Target != placement.Folder.Path))
            _notices.Add($"{placement.Folder.Path} becomes {placement.Target}: the target cannot hold that name as it is.");
    }

    private void NoticeViews(List<MailFolder> included)
    {
        foreach (var folder in included.Where(folder => folder.Use is SpecialUse.All or SpecialUse.Flagged or SpecialUse.Important))
            _notices.Add($"{folder.Path} ({folder.Use}) may only show messages that other folders hold too; they are then copied once for each. Leave it out with folders.exclude if that is not wanted.");
    }

    private void NoticeIdleRules(List<MailFolder> folders)
    {
        foreach (var (rule, pattern) in rules.Include.Select(pattern => ("include", pattern)).Concat(rules.Exclude.Select(pattern => ("exclude", pattern))))
        {
            if (!folders.Exists(folder => new FolderGlob(pattern).Matches(folder.Path)))
                _notices.Add($"folders.{rule} \"{pattern}\" matches no folder of the source.");
        }
        foreach (var (from, _) in _renames.Where(rename => !folders.Exists(folder => Holds(rename.From, folder.Path))))
            _notices.Add($"folders.rename \"{from}\" matches no folder of the source.");
    }
}
