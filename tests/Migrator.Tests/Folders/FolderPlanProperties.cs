using FsCheck;
using FsCheck.Fluent;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Xunit;

namespace Migrator.Tests.Folders;

/// <summary>What holds of every plan, whatever the mailboxes and the rules.</summary>
public sealed class FolderPlanProperties
{
    private sealed record Case(
        IReadOnlyList<MailFolder> Source,
        IReadOnlyList<MailFolder> Target,
        FolderRules Rules,
        TargetCapabilities Traits
    )
    {
        public FolderPlan Plan => FolderPlan.Create(Source, Target, Rules, Traits, new Dictionary<FolderPath, FolderPath>());

        public override string ToString() =>
            $"source {string.Join(", ", Source.Select(folder => $"{folder.Path}:{folder.Use}:{folder.Selectable}"))}; target "
            + $"{string.Join(", ", Target.Select(folder => $"{folder.Path}:{folder.Use}:{folder.Selectable}"))}; "
            + $"include {string.Join(", ", Rules.Include)}; exclude {string.Join(", ", Rules.Exclude)}; rename "
            + $"{string.Join(", ", Rules.Rename)}; into {Rules.Into}; patterns "
            + $"{string.Join(", ", Rules.RenamePatterns.Select(pattern => $"{pattern.From}>{pattern.To}"))}; "
            + $"{Rules.SpecialUse}; {Traits.Delimiter} {string.Join('/', Traits.Prefix)}";
    }

    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(500);

    // Few names, all of which meet: collisions must be common for the properties to say anything.
    private static readonly Gen<string> s_name = Gen.Elements("INBOX", "inbox", "A", "a", "B", "x.y", "x_y", "x/y", "x\ty");

    private static readonly Gen<FolderPath> s_path = Gen.Choose(1, 3)
        .SelectMany(depth => s_name.ListOf(depth))
        .Select(names => new FolderPath([.. names]));

    private static readonly Gen<IReadOnlyList<MailFolder>> s_mailbox = (
        from path in s_path
        from use in Gen.Elements(SpecialUse.None, SpecialUse.None, SpecialUse.Sent, SpecialUse.Drafts, SpecialUse.All)
        from selectable in Gen.Elements(true, true, true, false)
        select new MailFolder(path, path.IsInbox ? SpecialUse.Inbox : use, selectable || path.IsInbox, true, null)
    )
        .ListOf()
        .Select(folders => (IReadOnlyList<MailFolder>)[.. folders.DistinctBy(folder => folder.Path)]);

    private static readonly Gen<IReadOnlyList<string>> s_globs = Gen.Elements("A", "A/**", "*", "**", "?", "inbox", "**/B", "x*")
        .ListOf()
        .Select(globs => (IReadOnlyList<string>)[.. globs.Take(2)]);

    private static readonly Gen<(FolderPath From, FolderPath To)> s_rename =
        from source in s_path
        from target in s_path
        select (source, target);

    private static Arbitrary<Case> Cases(bool renames) =>
        (
            from source in s_mailbox
            from target in s_mailbox
            from include in s_globs
            from exclude in s_globs
            from rename in s_rename.ListOf()
            from use in Gen.Elements(SpecialUseRule.Match, SpecialUseRule.Name)
            from delimiter in Gen.Elements<char?>('/', '.', null)
            from prefix in Gen.Elements<string[]>([], ["INBOX"])
            from below in Gen.Elements<FolderPath?>(null, null, new FolderPath(["A"]), new FolderPath(["INBOX", "x.y"]))
            from patterns in Gen.Elements<FolderPattern[]>([], [], [new("*", "$1/B")], [new("**/A", "$1"), new("x*", "a$1")])
            select new Case(
                source,
                target,
                new FolderRules(
                    include,
                    exclude.Contains("**") ? [] : exclude,
                    rename
                        .Take(renames ? 3 : 0)
                        .DistinctBy(pair => pair.From)
                        .ToDictionary(pair => pair.From.ToString(), pair => pair.To.ToString()),
                    use
                )
                {
                    Into = below,
                    RenamePatterns = renames ? patterns : [],
                },
                new TargetCapabilities(1, null, delimiter, delimiter is null ? [] : prefix)
            )
        ).ToArbitrary();

    [Fact]
    public void Every_selectable_folder_is_mapped_or_excluded_or_a_problem_and_only_one_of_these() =>
        Check.One(
            s_config,
            Prop.ForAll(
                Cases(renames: true),
                mailboxes =>
                {
                    var plan = mailboxes.Plan;
                    return plan
                        .Mappings.Select(mapping => mapping.Source)
                        .Concat(plan.Excluded)
                        .Concat(plan.Problems.Select(problem => problem.Folder))
                        .Select(folder => folder.Path.ToString())
                        .Order(StringComparer.Ordinal)
                        .SequenceEqual(
                            mailboxes
                                .Source.Where(folder => folder.Selectable)
                                .Select(folder => folder.Path.ToString())
                                .Order(StringComparer.Ordinal)
                        );
                }
            )
        );

    [Fact]
    public void Without_renames_no_two_folders_are_mapped_to_one() =>
        Check.One(
            s_config,
            Prop.ForAll(
                Cases(renames: false),
                mailboxes => mailboxes.Plan.Mappings.Select(mapping => mapping.Target).Distinct().Count() == mailboxes.Plan.Mappings.Count
            )
        );

    [Fact]
    public void What_is_merged_is_said() =>
        Check.One(
            s_config,
            Prop.ForAll(
                Cases(renames: true),
                mailboxes =>
                {
                    var plan = mailboxes.Plan;
                    return plan
                        .Mappings.GroupBy(mapping => mapping.Target)
                        .Where(group => group.Count() > 1)
                        .All(group =>
                            plan.Notices.Any(notice =>
                                notice.Contains($"are merged into {group.Key}, as folders.rename", StringComparison.Ordinal)
                            )
                        );
                }
            )
        );

    [Fact]
    public void Every_target_name_is_one_that_the_target_can_hold() =>
        Check.One(
            s_config,
            Prop.ForAll(
                Cases(renames: true),
                mailboxes =>
                    mailboxes
                        .Plan.Mappings.Where(mapping => mailboxes.Target.All(folder => folder.Path != mapping.Target))
                        .All(mapping =>
                            mapping.Target.Names.All(name =>
                                !name.Any(letter => letter == mailboxes.Traits.Delimiter || char.IsControl(letter))
                            ) && (mailboxes.Traits.Delimiter is not null || mapping.Target.Names.Count == 1)
                        )
            )
        );

    /// <summary>The order in which a server lists its folders decides nothing.</summary>
    [Fact]
    public void The_order_of_listing_does_not_matter() =>
        Check.One(
            s_config,
            Prop.ForAll(
                Cases(renames: true),
                mailboxes =>
                    (mailboxes with { Source = [.. mailboxes.Source.Reverse()] }).Plan.Mappings.SequenceEqual(mailboxes.Plan.Mappings)
            )
        );

    /// <summary>A second run, when the folders of the first are there, takes every folder to the same place; else it would
    /// copy its mail again.</summary>
    [Fact]
    public void A_plan_carried_out_is_planned_again() =>
        Check.One(
            s_config,
            Prop.ForAll(
                Cases(renames: true),
                mailboxes =>
                {
                    var first = mailboxes.Plan;
                    var created = first
                        .Mappings.Where(mapping => !mapping.Exists)
                        .DistinctBy(mapping => mapping.Target)
                        .Select(mapping => mapping.Source with { Path = mapping.Target });
                    var there = mailboxes.Target.Where(folder =>
                        !first.Mappings.Any(mapping => !mapping.Exists && mapping.Target == folder.Path)
                    );
                    var second = (mailboxes with { Target = [.. there, .. created] }).Plan;
                    return first.Problems.Count > 0
                        || second
                            .Mappings.Select(mapping => (mapping.Source, mapping.Target))
                            .SequenceEqual(first.Mappings.Select(mapping => (mapping.Source, mapping.Target)));
                }
            )
        );
}
