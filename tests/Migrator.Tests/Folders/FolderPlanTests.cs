using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Xunit;
using static Migrator.Tests.Folders.Mailboxes;

namespace Migrator.Tests.Folders;

public sealed class FolderPlanTests
{
    [Fact]
    public void Every_selectable_folder_goes_by_its_name_INBOX_first_and_parents_before_children()
    {
        var plan = Plan(["Work/2024", "Archive", "INBOX", Holder("Shared"), "Shared/A", "Work"], ["INBOX", "Archive"]);

        Assert.Equal(
            ["INBOX", "Archive", "Shared/A", "Work", "Work/2024"],
            plan.Mappings.Select(mapping => mapping.Source.Path.ToString())
        );
        Assert.All(plan.Mappings, mapping => Assert.Equal(mapping.Source.Path, mapping.Target));
        Assert.Equal([true, true, false, false, false], plan.Mappings.Select(mapping => mapping.Exists));
        Assert.Empty(plan.Notices);
        plan.ThrowIfImpossible();
    }

    [Fact]
    public void What_lies_above_others_and_is_missing_at_the_target_is_named_from_the_top_down()
    {
        var plan = Plan(["INBOX", "a/b/c", "a/b", "a", "there/below", "there", "alone"], ["INBOX", "there"]);

        Assert.Equal(["a", "a/b"], plan.MissingParents().Select(mapping => mapping.Target.ToString()));
    }

    [Fact]
    public void Folders_of_others_are_left_out_and_that_is_said()
    {
        var plan = Plan(
            [
                "INBOX",
                Folder("Public/a") with
                {
                    Namespace = NamespaceKind.Public,
                },
                Folder("Public/b") with
                {
                    Namespace = NamespaceKind.Public,
                },
                Folder("user/bob") with
                {
                    Namespace = NamespaceKind.Shared,
                },
            ],
            ["INBOX"]
        );

        Assert.Equal(["INBOX"], plan.Mappings.Select(mapping => mapping.Target.ToString()));
        Assert.Contains(plan.Notices, notice => notice.StartsWith("Public/a and 1 more public folders", StringComparison.Ordinal));
        Assert.Contains(plan.Notices, notice => notice.StartsWith("user/bob is a shared folder", StringComparison.Ordinal));
    }

    [Fact]
    public void Folders_of_others_go_along_where_the_rules_say_so() =>
        Assert.Equal(
            ["INBOX", "Public/a"],
            Plan(
                [
                    "INBOX",
                    Folder("Public/a") with
                    {
                        Namespace = NamespaceKind.Public,
                    },
                    Folder("user/bob") with
                    {
                        Namespace = NamespaceKind.Shared,
                    },
                ],
                ["INBOX"],
                Rules() with
                {
                    Namespaces = new HashSet<NamespaceKind> { NamespaceKind.Private, NamespaceKind.Public },
                }
            )
                .Mappings.Select(mapping => mapping.Target.ToString())
        );

    [Fact]
    public void Ones_own_mail_goes_to_no_folder_that_others_read()
    {
        var plan = Plan(
            ["INBOX", "Public/a", Folder("Sent", SpecialUse.Sent)],
            [
                "INBOX",
                Folder("Public/a") with
                {
                    Namespace = NamespaceKind.Public,
                },
                Folder("user/bob/Sent", SpecialUse.Sent) with
                {
                    Namespace = NamespaceKind.Shared,
                },
            ]
        );

        var problem = Assert.Single(plan.Problems);
        Assert.Contains("Public/a would go to Public/a, which is a public folder", problem.Message);
        Assert.Equal(["INBOX", "Sent"], plan.Mappings.Select(mapping => mapping.Target.ToString()));
    }

    [Fact]
    public void A_character_that_the_target_refuses_is_replaced_in_new_names_and_no_others()
    {
        var traits = Traits() with { Refused = ['.'] };

        // There already, delivered there before, and new.
        var plan = Plan(
            ["INBOX", "other/a.b", "c.d", "e.f/g"],
            ["INBOX", "other/a.b", "c_d"],
            traits: traits,
            before: [("other/a.b", "other/a.b"), ("c.d", "c_d")]
        );
        // A run that could not ask.
        var unasked = Plan(["INBOX", "c.d"], ["INBOX", "c_d"], before: [("c.d", "c_d")]);

        Assert.Equal(["INBOX", "c_d", "e_f/g", "other/a.b"], plan.Mappings.Select(mapping => mapping.Target.ToString()));
        Assert.Equal(["INBOX", "c_d"], unasked.Mappings.Select(mapping => mapping.Target.ToString()));
    }

    [Fact]
    public void A_name_that_would_be_changed_into_anothers_stays_and_costs_that_folder_alone()
    {
        var plan = Plan(["INBOX", "a.b", "a_b"], ["INBOX"], traits: Traits() with { Refused = ['.'] });

        plan.ThrowIfImpossible();
        Assert.Equal(["INBOX", "a.b", "a_b"], plan.Mappings.Select(mapping => mapping.Target.ToString()));
    }

    [Fact]
    public void A_target_folder_that_cannot_hold_messages_does_not_exist_yet() =>
        Assert.False(Assert.Single(Plan(["A"], [Holder("A")]).Mappings).Exists);

    [Fact]
    public void Include_and_exclude()
    {
        var plan = Plan(["INBOX", "Work", "Work/Old", "Junk"], [], Rules(include: ["inbox", "Work", "Work/**"], exclude: ["**/Old"]));

        Assert.Equal(["INBOX>INBOX", "Work>Work"], Pairs(plan));
        Assert.Equal(["Junk", "Work/Old"], plan.Excluded.Select(folder => folder.Path.ToString()));
        Assert.Empty(plan.Notices);
    }

    [Fact]
    public void Leaving_out_a_folder_alone_says_that_those_below_are_copied()
    {
        var plan = Plan(["Trash", "Trash/Old", "Junk", "Junk/Old"], [], Rules(exclude: ["Trash", "Junk", "Junk/**"]));

        Assert.Equal(["Trash/Old>Trash/Old"], Pairs(plan));
        Assert.Equal(
            "Trash is left out, but not what is below it, such as Trash/Old. Add \"Trash/**\" to folders.exclude if that is not wanted.",
            Assert.Single(plan.Notices)
        );
    }

    [Fact]
    public void A_rule_that_matches_nothing_is_noticed()
    {
        var plan = Plan(
            ["INBOX", Holder("Holder")],
            [],
            Rules(include: ["**", "Wrk"], exclude: ["trsh", "Holder"], rename: [("Od", "New")])
        );

        Assert.Equal(
            [
                "folders.include \"Wrk\" matches no folder of the source that contains messages.",
                "folders.exclude \"trsh\" matches no folder of the source that contains messages.",
                "folders.exclude \"Holder\" matches no folder of the source that contains messages.",
                "folders.rename \"Od\" matches no folder of the source that contains messages.",
            ],
            plan.Notices
        );
    }

    [Fact]
    public void A_rename_takes_along_what_is_below_and_the_longest_counts()
    {
        var plan = Plan(
            [Holder("Old"), "Old/A", "Old/B", "Old/B/C", "Older", "INBOX"],
            [],
            Rules(rename: [("Old", "Kept/Old"), ("Old/B", "B"), ("inbox", "Kept/In")])
        );

        Assert.Equal(["INBOX>Kept/In", "Old/A>Kept/Old/A", "Old/B>B", "Old/B/C>B/C", "Older>Older"], Pairs(plan));
        Assert.Empty(plan.Notices);
    }

    [Fact]
    public void A_folder_goes_to_the_one_of_the_same_use_and_those_below_keep_their_path()
    {
        Entry[] source = [Folder("Sent Messages", SpecialUse.Sent), "Sent Messages/2024", Folder("Junk", SpecialUse.Junk)],
            target = [Folder("Sent", SpecialUse.Sent), Folder("Junk", SpecialUse.Junk)];

        var plan = Plan(source, target);
        Assert.Equal(["Junk>Junk", "Sent Messages>Sent", "Sent Messages/2024>Sent Messages/2024"], Pairs(plan));
        Assert.StartsWith("Sent Messages goes to Sent: the target keeps its Sent mail there.", Assert.Single(plan.Notices));
        Assert.Equal([true, true, false], plan.Mappings.Select(mapping => mapping.Exists));

        Assert.Equal("Sent Messages>Sent Messages", Pairs(Plan(source, target, Rules(specialUse: SpecialUseRule.Name)))[1]);
        Assert.Equal("Sent Messages>Out", Pairs(Plan(source, target, Rules(rename: [("Sent Messages", "Out")])))[1]);
    }

    [Fact]
    public void A_folder_stays_where_it_was_delivered_although_uses_changed_since()
    {
        Entry[] source = [Folder("Sent Items", SpecialUse.Sent)],
            target = [Folder("Sent", SpecialUse.Sent), "Sent Items", "Old"];

        var plan = Plan(source, target, before: [("Sent Items", "Sent Items")]);
        Assert.Equal(["Sent Items>Sent Items"], Pairs(plan));
        Assert.StartsWith("Sent Items stays in Sent Items, where it was delivered before.", Assert.Single(plan.Notices));

        Assert.Equal(["Sent Items>Old"], Pairs(Plan(source, target, before: [("Sent Items", "Old")])));
        Assert.Equal(["Sent Items>Sent"], Pairs(Plan(source, target, before: [("Sent Items", "Gone")])));
        Assert.Equal(["Sent Items>X"], Pairs(Plan(source, target, Rules(rename: [("Sent Items", "X")]), before: [("Sent Items", "Old")])));
        Assert.Equal(
            ["Sent Items>Sent Items"],
            Pairs(Plan(source, target, Rules(specialUse: SpecialUseRule.Name), before: [("Sent Items", "Old")]))
        );
    }

    [Fact]
    public void A_folder_that_stays_is_not_pushed_together_with_a_new_one() =>
        Assert.Equal(
            2,
            Plan(
                ["Sent", Folder("Sent Items", SpecialUse.Sent)],
                [Folder("Sent", SpecialUse.Sent)],
                before: [("Sent Items", "Sent")]
            ).Problems.Count
        );

    [Fact]
    public void Use_gives_way_where_it_would_merge_folders()
    {
        var plan = Plan(["Sent", Folder("Sent Messages", SpecialUse.Sent)], [Folder("Sent", SpecialUse.Sent)]);

        Assert.Equal(["Sent>Sent", "Sent Messages>Sent Messages"], Pairs(plan));
        Assert.Equal(
            "Sent Messages keeps its name although the target keeps its Sent mail in Sent: another folder goes there.",
            Assert.Single(plan.Notices)
        );
    }

    [Fact]
    public void One_that_gives_way_may_make_another_give_way()
    {
        // A cannot go to X because of X; back at A, it is in the way of B.
        var plan = Plan(
            [Folder("A", SpecialUse.Sent), Folder("B", SpecialUse.Drafts), "X"],
            [Folder("X", SpecialUse.Sent), Folder("A", SpecialUse.Drafts)]
        );

        Assert.Equal(["A>A", "B>B", "X>X"], Pairs(plan));
        Assert.Empty(plan.Problems);
        Assert.Equal(2, plan.Notices.Count);
    }

    [Theory]
    [InlineData(SpecialUse.All)]
    [InlineData(SpecialUse.Flagged)]
    [InlineData(SpecialUse.Important)]
    public void Views_are_copied_with_a_notice(SpecialUse use)
    {
        var plan = Plan([Folder("View", use)], []);
        Assert.Equal(["View>View"], Pairs(plan));
        Assert.StartsWith($"View ({use}) may only show messages that other folders contain", Assert.Single(plan.Notices));
        Assert.Empty(Plan([Folder("View", use)], [], Rules(exclude: ["View"])).Notices);
    }

    [Theory]
    [InlineData("v1.0", "v1_0")]
    [InlineData("a\tb", "a_b")]
    [InlineData("a\u0085b", "a_b")]
    [InlineData("a\u2028b\u2029", "a_b_")]
    public void Letters_that_the_target_cannot_hold_are_replaced_with_a_notice(string name, string legal)
    {
        var plan = Plan([name], [], traits: Traits('.'));
        Assert.Equal([$"{name}>{legal}"], Pairs(plan));
        Assert.Equal($"{name} becomes {legal}: the target does not allow the name as it is.", Assert.Single(plan.Notices));
    }

    [Fact]
    public void Those_in_a_rename_too()
    {
        var plan = Plan(["A/x.y"], [], Rules(rename: [("A", "B.C")]), Traits('.'));
        Assert.Equal(["A/x.y>B_C/x_y"], Pairs(plan));
        Assert.Single(plan.Notices);
    }

    [Fact]
    public void A_slash_in_a_name_stays_where_the_delimiter_is_another()
    {
        Assert.Equal(["A\\/B>A\\/B"], Pairs(Plan(["A\\/B"], [], traits: Traits('.'))));
        Assert.Equal(["A\\/B>A_B"], Pairs(Plan(["A\\/B"], [], traits: Traits('/'))));
    }

    [Fact]
    public void A_target_without_folders_in_folders_gets_flat_names() =>
        Assert.Equal(["INBOX>INBOX", "A/B>A_B"], Pairs(Plan(["INBOX", "A/B"], [], traits: Traits(null))));

    [Fact]
    public void Below_INBOX_and_beside_it_are_the_same_where_all_is_below_INBOX()
    {
        var traits = Traits('.', "INBOX");
        var plan = Plan(["INBOX", "INBOX/Work", "Home"], ["Work"], traits: traits);
        Assert.Equal(["INBOX>INBOX", "Home>Home", "INBOX/Work>Work"], Pairs(plan));
        Assert.Equal("INBOX/Work becomes Work: at the target, every folder is below INBOX.", Assert.Single(plan.Notices));
        Assert.True(plan.Mappings[2].Exists);

        Assert.Equal(2, Plan(["INBOX/Work", "Work"], [], traits: traits).Problems.Count);
        Assert.Empty(Plan(["INBOX/Work", "Work"], []).Problems);
    }

    [Fact]
    public void Folders_that_would_become_one_are_a_problem_that_names_both_and_the_way_out()
    {
        var plan = Plan(["A.B", "A_B", "C"], [], traits: Traits('.'));

        Assert.Equal(["C>C"], Pairs(plan));
        Assert.Equal(["A.B", "A_B"], plan.Problems.Select(problem => problem.Folder.Path.ToString()));
        Assert.Equal(
            "A.B and A_B would become one folder, A_B, at the target. Give one of them another name with folders.rename, such "
                + "as \"A.B\": \"A_B 2\", or leave it out with folders.exclude.",
            plan.Problems[0].Message
        );
        Assert.Equal(plan.Problems, Assert.Throws<FolderPlanException>(plan.ThrowIfImpossible).Problems);
    }

    [Fact]
    public void The_way_out_leads_out()
    {
        var plan = Plan(["A.B", "A_B"], [], Rules(rename: [("A.B", "A_B 2")]), Traits('.'));
        Assert.Equal(["A.B>A_B 2", "A_B>A_B"], Pairs(plan));
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void A_rename_may_merge()
    {
        var plan = Plan(["Old", "Old/A", "New", "New/A"], [], Rules(rename: [("Old", "New")]));

        Assert.Equal(["New>New", "New/A>New/A", "Old>New", "Old/A>New/A"], Pairs(plan));
        Assert.Equal(
            ["New and Old are merged into New, as folders.rename says.", "New/A and Old/A are merged into New/A, as folders.rename says."],
            plan.Notices
        );
    }

    [Fact]
    public void A_rename_that_merges_only_because_of_a_letter_is_a_problem()
    {
        var plan = Plan(["Old/a.b", "Old/a_b"], [], Rules(rename: [("Old", "New")]), Traits('.'));
        Assert.Equal(2, plan.Problems.Count);
    }

    [Fact]
    public void Names_that_differ_only_in_case_are_noticed()
    {
        var plan = Plan(["Work", "work", "Home", "Other"], ["HOME", "other", "Other", "Lone", "lone"]);

        Assert.Equal(["Home>Home", "Other>Other", "Work>Work", "work>work"], Pairs(plan));
        Assert.Equal(
            [
                "Home and HOME differ only in upper and lower case; if the target treats them as one folder, their mail is merged.",
                "Other and other differ only in upper and lower case; if the target treats them as one folder, their mail is " + "merged.",
                "Work and work differ only in upper and lower case; if the target treats them as one folder, their mail is merged.",
            ],
            plan.Notices
        );
    }

    [Fact]
    public void Names_that_differ_only_in_case_get_names_of_their_own_where_the_target_takes_them_for_one_and_keep_them()
    {
        var folds = Traits() with { FoldsCase = true };
        Entry[] source = ["Work", "Work/a", "work", "work/A", "work/a", "WORK_", "Home"];
        string[] first = ["Home>HOME", "WORK_>WORK_", "Work>Work", "Work/a>Work/a", "work>work__", "work/A>work__/A", "work/a>work__/a_"];

        var plan = Plan(source, ["HOME", "Lone", "lone"], traits: folds);

        Assert.Equal(first, Pairs(plan));
        Assert.Contains(plan.Notices, notice => notice.StartsWith("work/a becomes work__/a_: at the target, names that differ only in"));
        Assert.Contains("Home goes to HOME: the target takes upper and lower case for the same.", plan.Notices);
        Entry[] then = [.. plan.Mappings.Select(mapping => (Entry)mapping.Target.ToString())];
        // Nothing is known of the first run but what it left.
        Assert.Equal(first, Pairs(Plan(source, then, traits: folds)));
        // One that comes later does not push another out of its name.
        var before = plan.Mappings.Select(mapping => (mapping.Source.Path.ToString(), mapping.Target.ToString())).ToArray();
        Assert.Equal(
            [.. first.Take(1), "WORK>WORK___", .. first.Skip(1)],
            Pairs(Plan([.. source, "WORK"], then, traits: folds, before: before))
        );
    }

    [Fact]
    public void A_folder_goes_by_its_use_only_where_no_other_has_that_name_in_other_letters()
    {
        var plan = Plan(
            [Folder("Sent", SpecialUse.Sent), "sent items"],
            [Folder("Sent Items", SpecialUse.Sent)],
            traits: Traits() with
            {
                FoldsCase = true,
            }
        );

        Assert.Equal(["Sent>Sent", "sent items>Sent Items"], Pairs(plan));
    }

    private static string[] Pairs(FolderPlan plan) => [.. plan.Mappings.Select(mapping => $"{mapping.Source.Path}>{mapping.Target}")];
}
