using System.Text.Json;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Core.Folders;

/// <summary>Makes one <see cref="FolderPlan"/>.</summary>
internal sealed class FolderPlanner(
    IReadOnlyList<MailFolder> source,
    IReadOnlyList<MailFolder> all,
    FolderRules rules,
    TargetCapabilities traits,
    IReadOnlyDictionary<FolderPath, FolderPath> before
)
{
    /// <summary>The user's own folders at the target: no special use and no name of another's folder draws mail there.</summary>
    private readonly List<MailFolder> _target = [.. all.Where(folder => folder.Namespace == NamespaceKind.Private)];
    private readonly List<string> _notices = [];

    // To search a list for each of ten thousand folders takes longer than all else that a run with nothing new does.
    private readonly ILookup<FolderPath, MailFolder> _byPath = all.ToLookup(folder => folder.Path);

    /// <summary>Mail that is put into a calendar becomes an entry of it.</summary>
    private readonly TargetCapabilities _traits = traits with
    {
        Reserved = all.Where(folder => folder.HoldsNoMail)
            .Select(folder => folder.Path.Names[0])
            .Concat(traits.Reserved)
            .ToHashSet(StringComparer.OrdinalIgnoreCase),
    };
    private readonly IEqualityComparer<FolderPath> _names = traits.FoldsCase ? FoldedNames.Comparer : EqualityComparer<FolderPath>.Default;
    private readonly FolderChoice _choice = new(rules);
    private readonly FolderPlaces _places = new(
        rules.Into is { } into && TargetNames.BesideInbox(into, traits)
            ? rules with
            {
                Into = new FolderPath([.. into.Names.Skip(1)]),
            }
            : rules
    );

    /// <param name="Wanted">By the rules, in whatever letters.</param>
    /// <param name="ByName">The same in names that the target can hold.</param>
    /// <param name="ByUse">The target's folder of the same use, or that was when it was first delivered there; null where the
    /// folder goes by its name.</param>
    /// <param name="Kept">It stays where it was delivered before, whatever the uses are now.</param>
    /// <param name="Renamed">A rule names it, or a folder above it.</param>
    private sealed record Placement(MailFolder Folder, FolderPath Wanted, FolderPath ByName, FolderPath? ByUse, bool Kept, bool Renamed)
    {
        /// <summary>Its name was taken by another that differs in case alone, and that was said.</summary>
        public bool Folded { get; init; }

        public FolderPath Target => ByUse ?? ByName;
    }

    public FolderPlan Plan()
    {
        _notices.AddRange(_choice.NoticesOfUncovered(source));
        var keywords = rules.Labels == LabelRule.Keywords && source.Any(IsAllMail);
        var shown = source.Where(folder => folder.Selectable && _choice.Covers(folder) && IsShownElsewhere(folder, keywords)).ToHashSet();
        NoticeLabels([.. shown], keywords);
        var selectable = source
            .Where(folder => folder.Selectable && _choice.Covers(folder) && !shown.Contains(folder))
            .OrderBy(folder => !folder.Path.IsInbox)
            .ThenBy(folder => folder.Path.ToString(), StringComparer.Ordinal)
            .ToList();
        NoticeIdleRules(selectable);
        var included = selectable.ToLookup(folder => _choice.Includes(folder.Path));
        NoticeLeftBelow([.. included[true]], [.. included[false]]);
        NoticeViews(included[true]);

        var placements = KeepApart([.. included[true].Select(Place)]);
        if (_traits.FoldsCase)
            placements = Fold(placements);
        List<FolderProblem> problems =
        [
            .. Collide(placements),
            .. placements.Select(Disclose).OfType<FolderProblem>(),
            .. placements.Where(placement => placement.Target.Names.Count > FolderPath.Deepest).Select(TooDeep),
        ];
        var impossible = problems.Select(problem => problem.Folder).ToHashSet();
        placements.RemoveAll(placement => impossible.Contains(placement.Folder));
        NoticeNames(placements);
        NoticeCase(placements);
        var there = all.Where(folder => folder.Selectable).Select(folder => folder.Path).ToHashSet();
        return new FolderPlan(
            placements.ConvertAll(placement => new FolderMapping(placement.Folder, placement.Target, there.Contains(placement.Target))
            {
                Use = rules.Into is null ? placement.Folder.Use : SpecialUse.None,
            }),
            [.. included[false]],
            _notices,
            problems
        )
        {
            ShownElsewhere = [.. shown],
            LabelsAreKeywords = keywords,
            Misses = _choice.Misses(selectable.ConvertAll(folder => folder.Path)),
        };
    }

    private bool IsAllMail(MailFolder folder) =>
        folder is { IsLabel: true, Use: SpecialUse.All, Selectable: true } && _choice.Includes(folder.Path);

    /// <summary>All that the folder shows is in other folders, which are copied.</summary>
    /// <param name="keywords">The folder of all mail is copied whole, and says which label each message has.</param>
    private bool IsShownElsewhere(MailFolder folder, bool keywords) =>
        folder.IsLabel
        && (
            keywords
                ? folder.Use is not (SpecialUse.All or SpecialUse.Junk or SpecialUse.Trash)
                : folder.Use is SpecialUse.Flagged or SpecialUse.Important && !_choice.Include.Any(glob => glob.Matches(folder.Path))
        );

    private void NoticeLabels(IReadOnlyList<MailFolder> shown, bool keywords)
    {
        if (rules.Labels == LabelRule.Keywords && !keywords)
            _notices.Add(
                source.Any(folder => folder.IsLabel)
                    ? "Labels become folders, not keywords: the folder of all mail, which all messages would be read from, is not "
                        + "listed by the server or is left out by rule."
                    : "folders.labels has no effect: this source has folders, not labels."
            );
        if (shown.Count == 0)
            return;
        var names = string.Join(", ", shown.Select(folder => folder.Path.ToString()).Order(StringComparer.Ordinal));
        _notices.Add(
            keywords
                ? $"{names}: not copied as folders, as folders.labels says: their messages are copied from the folder of all mail, with "
                    + "keywords for labels."
                : $"{names}: left out, as {(shown.Count == 1 ? "it only shows" : "they only show")} messages of other folders. "
                    + "(folders.include with a pattern that matches them, such as \"**\", includes them.)"
        );
    }

    private Placement Place(MailFolder folder)
    {
        var (wanted, renamed) = _places.Of(folder.Path);
        var byName = ByName(folder, wanted, renamed);
        if (
            rules.SpecialUse != SpecialUseRule.Match
            || rules.Into is not null
            || renamed
            || folder.Use is SpecialUse.None or SpecialUse.Inbox
        )
            return new Placement(folder, wanted, byName, null, Kept: false, renamed);
        var byUse = _target.FirstOrDefault(other => other.Use == folder.Use && other.Selectable)?.Path;
        var kept = before.GetValueOrDefault(folder.Path) is { } earlier && Own(earlier).Any(other => other.Selectable) ? earlier : null;
        if (kept is not null && kept != (byUse ?? byName))
            _notices.Add(
                $"{folder.Path} stays in {kept}, where it was delivered before. (folders.rename moves it: its mail is then "
                    + "delivered again.)"
            );
        var placed = kept ?? byUse;
        return new Placement(folder, wanted, byName, placed == byName ? null : placed, kept is not null, renamed);
    }

    /// <summary>In a name that the target can hold. It stays what it was: which characters a target refuses is not always known, and not
    /// the same everywhere in it.</summary>
    private FolderPath ByName(MailFolder folder, FolderPath wanted, bool renamed)
    {
        if (_traits.Refused.Count == 0 || Own(wanted).Any(other => !other.HoldsNoMail))
            return Earlier() ?? TargetNames.Legal(wanted, _traits with { Refused = [] });
        return Earlier() ?? TargetNames.Legal(wanted, _traits);

        FolderPath? Earlier() =>
            !renamed && before.GetValueOrDefault(folder.Path) is { } earlier && TargetNames.IsMadeOf(earlier, wanted) && Own(earlier).Any()
                ? earlier
                : null;
    }

    /// <summary>The user's own folders at the target of this path: one, or none.</summary>
    private IEnumerable<MailFolder> Own(FolderPath path) => _byPath[path].Where(folder => folder.Namespace == NamespaceKind.Private);

    /// <summary>A folder goes by its use only where that does not push it together with another.</summary>
    private List<Placement> KeepApart(List<Placement> placements)
    {
        // Again and again: a folder that goes back to its name may get in the way of one that goes by its use.
        while (true)
        {
            var crowded = placements
                .GroupBy(placement => placement.Target, _names)
                .Where(group => group.Count() > 1)
                .Select(group => group.Key)
                .ToHashSet(_names);
            var back = placements
                .Where(placement => placement.ByUse is not null && !placement.Kept && crowded.Contains(placement.ByUse))
                .ToHashSet();
            if (back.Count == 0)
                break;
            foreach (var placement in back)
                _notices.Add(
                    $"{placement.Folder.Path} keeps its name although the target keeps its {placement.Folder.Use} mail in "
                        + $"{placement.ByUse}: another folder goes there."
                );
            placements = placements.ConvertAll(placement => back.Contains(placement) ? placement with { ByUse = null } : placement);
        }
        // One whose name would be changed into that of another keeps its own: the target may refuse it, which costs that folder alone.
        var taken = placements
            .GroupBy(placement => placement.Target)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)
            .ToHashSet();
        placements = placements.ConvertAll(placement =>
            taken.Contains(placement.Target)
            && placement is { ByUse: null }
            && placement.ByName != placement.Wanted
            && TargetNames.Legal(placement.Wanted, _traits with { Refused = [] }) is var own
            && own != placement.ByName
                ? placement with
                {
                    ByName = own,
                }
                : placement
        );
        foreach (
            var placement in placements.Where(placement =>
                placement.ByUse is not null && Own(placement.ByUse).Any(folder => folder.Use == placement.Folder.Use)
            )
        )
            _notices.Add(
                $"{placement.Folder.Path} goes to {placement.Target}: the target keeps its {placement.Folder.Use} mail there. "
                    + "(specialUse \"name\" keeps the name.)"
            );
        return placements;
    }

    /// <summary>In names that differ in more than case.</summary>
    private List<Placement> Fold(List<Placement> placements)
    {
        var names = new FoldedNames(_target.Where(folder => !folder.HoldsNoMail).Select(folder => folder.Path));
        foreach (var placement in placements.Where(placement => placement.ByUse is not null))
            names.Keep(placement.ByUse!, placement.ByUse!);
        foreach (var placement in placements.Where(placement => placement is { ByUse: null, Renamed: false }))
        {
            if (
                before.GetValueOrDefault(placement.Folder.Path) is { } earlier
                && FoldedNames.IsMadeOf(earlier, placement.ByName)
                && Own(earlier).Any()
            )
                names.Keep(placement.ByName, earlier);
        }
        return placements.ConvertAll(placement =>
        {
            if (placement.ByUse is not null || names.Give(placement.ByName) is var name && name == placement.ByName)
                return placement;
            _notices.Add(
                _names.Equals(name, placement.ByName)
                    ? $"{placement.Folder.Path} goes to {name}: the target takes upper and lower case for the same."
                    : $"{placement.Folder.Path} becomes {name}: at the target, names that differ only in upper and lower case are "
                        + "one folder."
            );
            return placement with { ByName = name, Folded = true };
        });
    }

    private List<FolderProblem> Collide(List<Placement> placements)
    {
        var problems = new List<FolderProblem>();
        foreach (var group in placements.GroupBy(placement => placement.Target).Where(group => group.Count() > 1))
        {
            var names = string.Join(" and ", group.Select(placement => placement.Folder.Path));
            // Different folders want the same path only where the rules say so. Those that want different ones and
            // get the same, because of a letter that the target cannot hold, nobody meant to merge.
            if (
                group.Select(placement => placement.Wanted).Distinct().Count() == 1
                && group.Select(placement => placement.Folder.Path).Distinct().Count() == group.Count()
            )
            {
                _notices.Add($"{names} are merged into {group.Key}, as {RenameKeys()}.");
                continue;
            }
            foreach (var placement in group)
            {
                var example =
                    $"{JsonText(placement.Folder.Path)}: "
                    + $"{JsonText(new FolderPath([.. group.Key.Names.SkipLast(1), group.Key.Name + " 2"]))}";
                problems.Add(
                    new FolderProblem(
                        placement.Folder,
                        $"{names} would become one folder, {group.Key}, at the target. Give one of them another name with "
                            + $"folders.rename, such as {example}, or leave it out with folders.exclude."
                    )
                );
            }
        }
        return problems;
    }

    /// <summary>One's own mail in a folder that others read is worse than mail that is not copied.</summary>
    private FolderProblem? Disclose(Placement placement) =>
        Nearest(placement.Target)
            .FirstOrDefault(folder => folder.Namespace != NamespaceKind.Private && folder.Namespace != placement.Folder.Namespace)
            is { } other
            ? new FolderProblem(
                placement.Folder,
                $"{placement.Folder.Path} would go {(other.Path == placement.Target ? "to" : "below")} {other.Path}, which is a "
                    + $"{(other.Namespace == NamespaceKind.Shared ? "shared" : "public")} folder at the target. "
                    + (
                        rules.Into is null
                            ? "Give it another name with folders.rename, or leave it out with folders.exclude."
                            : "Name another folder in folders.into, or leave it out with folders.exclude."
                    )
            )
            : null;

    /// <summary>The folders of this path at the target, or of the nearest path above it that has any: a new folder is in the same
    /// namespace.</summary>
    private IEnumerable<MailFolder> Nearest(FolderPath path)
    {
        for (var place = path; place is not null; place = place.Parent)
        {
            if (_byPath.Contains(place))
                return _byPath[place];
        }
        return [];
    }

    private static FolderProblem TooDeep(Placement placement) =>
        new(
            placement.Folder,
            $"{placement.Folder.Path} would be {placement.Target.Names.Count:N0} levels deep at the target, and at most "
                + $"{FolderPath.Deepest} are accepted. Give it a shorter path with folders.rename, or leave it out with folders.exclude."
        );

    private string RenameKeys() =>
        (rules.Rename.Count > 0, rules.RenamePatterns.Count > 0) switch
        {
            (true, true) => "folders.rename and folders.renamePatterns say",
            (false, true) => "folders.renamePatterns says",
            _ => "folders.rename says",
        };

    private static string JsonText(FolderPath path) =>
        $"\"{JsonEncodedText.Encode(path.ToString(), System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private void NoticeNames(List<Placement> placements)
    {
        foreach (
            var placement in placements.Where(placement =>
                placement is { ByUse: null, Folded: false } && placement.ByName != placement.Wanted
            )
        )
            _notices.Add(
                TargetNames.BesideInbox(placement.Wanted, _traits)
                    ? $"{placement.Folder.Path} becomes {placement.Target}: at the target, every folder is below INBOX."
                    : $"{placement.Folder.Path} becomes {placement.Target}: the target does not allow the name as it is."
            );
    }

    /// <summary>Of a target that is not known to fold case.</summary>
    private void NoticeCase(List<Placement> placements)
    {
        if (_traits.FoldsCase)
            return;
        var paths = placements.Select(placement => placement.Target).Concat(_target.Select(folder => folder.Path)).Distinct();
        var placed = placements.Select(placement => placement.Target).ToHashSet();
        foreach (
            var group in paths
                .GroupBy(path => path.ToString(), StringComparer.OrdinalIgnoreCase)
                .Where(group => group.Count() > 1 && group.Any(placed.Contains))
        )
            _notices.Add(
                $"{string.Join(" and ", group)} differ only in upper and lower case; if the target treats them as one folder, "
                    + "their mail is merged."
            );
    }

    private void NoticeViews(IEnumerable<MailFolder> folders)
    {
        foreach (var folder in folders.Where(folder => folder.IsView && !(folder.IsLabel && folder.Use == SpecialUse.All)))
            _notices.Add(
                $"{folder.Path} ({folder.Use}) may only show messages that other folders contain; they are then copied once "
                    + "for each. Leave it out with folders.exclude if that is not wanted."
            );
    }

    /// <summary>Leaving out "Trash" leaves out that folder alone; who writes it may not expect that.</summary>
    private void NoticeLeftBelow(List<MailFolder> included, List<MailFolder> excluded)
    {
        var copied = new Dictionary<FolderPath, FolderPath>();
        foreach (var folder in included)
        {
            for (var above = folder.Path.Parent; above is not null; above = above.Parent)
                copied.TryAdd(above, folder.Path);
        }
        foreach (var folder in excluded.Where(folder => _choice.Excludes(folder.Path)))
        {
            if (copied.TryGetValue(folder.Path, out var below))
                _notices.Add(
                    $"{folder.Path} is left out, but not what is below it, such as {below}. Add "
                        + $"{JsonText(folder.Path)[..^1]}/**\" to folders.exclude if that is not wanted."
                );
        }
    }

    private void NoticeIdleRules(List<MailFolder> folders)
    {
        foreach (
            var (rule, glob) in _choice.Include.Select(glob => ("include", glob)).Concat(_choice.Exclude.Select(glob => ("exclude", glob)))
        )
        {
            if (!folders.Exists(folder => glob.Matches(folder.Path)))
                _notices.Add($"folders.{rule} \"{glob.Pattern}\" matches no folder of the source that contains messages.");
        }
        _notices.AddRange(_places.Notices(folders.ConvertAll(folder => folder.Path)));
    }
}
