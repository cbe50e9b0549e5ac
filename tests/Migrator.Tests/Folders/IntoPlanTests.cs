using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Xunit;
using static Migrator.Tests.Folders.Mailboxes;

namespace Migrator.Tests.Folders;

/// <summary>Everything below one folder of the target.</summary>
public sealed class IntoPlanTests
{
    private static FolderRules Into(string path, FolderRules? rules = null) =>
        (rules ?? FolderRules.All) with
        {
            Into = FolderRules.ParseInto(path),
        };

    [Fact]
    public void Everything_lies_below_it_under_its_own_name_and_is_for_no_use()
    {
        var plan = Plan(
            [Folder("INBOX", SpecialUse.Inbox), Folder("Sent Messages", SpecialUse.Sent), "Work/2024"],
            ["INBOX", Folder("Sent", SpecialUse.Sent), "Work", "Old mail/Work/2024"],
            Into("Old mail")
        );

        Assert.Equal(["INBOX>Old mail/INBOX", "Sent Messages>Old mail/Sent Messages", "Work/2024>Old mail/Work/2024"], Pairs(plan));
        Assert.Equal([false, false, true], plan.Mappings.Select(mapping => mapping.Exists));
        Assert.All(plan.Mappings, mapping => Assert.Equal(SpecialUse.None, mapping.Use));
        Assert.Empty(plan.Notices);
        plan.ThrowIfImpossible();
    }

    [Fact]
    public void Other_rules_hold_and_a_rename_names_what_is_below_it()
    {
        var plan = Plan(
            ["INBOX", "Junk", "Projekte/A", "Sent"],
            ["INBOX"],
            Into(
                "Old/mail",
                Rules(exclude: ["Junk"], rename: [("Projekte", "Projects"), ("INBOX", "Inbox of 2026"), ("Sent", "Projects/A")])
            )
        );

        Assert.Equal(["INBOX>Old/mail/Inbox of 2026", "Projekte/A>Old/mail/Projects/A", "Sent>Old/mail/Projects/A"], Pairs(plan));
        Assert.Equal("Projekte/A and Sent are merged into Old/mail/Projects/A, as folders.rename says.", Assert.Single(plan.Notices));
    }

    [Theory]
    [InlineData("Old.mail", "A>Old_mail/A")]
    [InlineData("INBOX/Old mail", "A>Old mail/A")]
    public void Names_and_prefix_are_the_targets_own(string into, string expected) =>
        Assert.Equal(expected, Pairs(Plan(["A"], [], Into(into), Traits('.', "INBOX")))[0]);

    [Fact]
    public void Below_INBOX_that_every_folder_is_below_is_not_said_of_each_folder() =>
        Assert.Empty(Plan(["A", "B"], [], Into("INBOX/Old"), Traits('.', "INBOX")).Notices);

    [Fact]
    public void Conflicts_are_named_where_they_arise()
    {
        var plan = Plan(["A.B", "A_B"], [], Into("Old"), Traits('.'));

        Assert.Equal(2, plan.Problems.Count);
        Assert.Contains("would become one folder, Old/A_B, at the target", plan.Problems[0].Message);
    }

    [Fact]
    public void Ones_own_mail_goes_below_no_folder_that_others_read()
    {
        Entry[] target = ["INBOX", Folder("Public/Team") with { Namespace = NamespaceKind.Public }];

        var problem = Assert.Single(Plan(["Work"], target, Into("Public/Team")).Problems);
        Assert.Equal(
            "Work would go below Public/Team, which is a public folder at the target. Name another folder in folders.into, or leave it out "
                + "with folders.exclude.",
            problem.Message
        );
        Assert.Equal(["Work>Public/Work"], Pairs(Plan(["Work"], target, Into("Public"))));
    }

    [Fact]
    public void What_others_share_lies_below_it_too_where_the_job_includes_it()
    {
        var plan = Plan(
            ["INBOX", Folder("user/bob/Sent", SpecialUse.Sent) with { Namespace = NamespaceKind.Shared }],
            ["INBOX"],
            Into(
                "Old",
                FolderRules.All with
                {
                    Namespaces = new HashSet<NamespaceKind> { NamespaceKind.Private, NamespaceKind.Shared },
                }
            )
        );

        Assert.Equal(["INBOX>Old/INBOX", "user/bob/Sent>Old/user/bob/Sent"], Pairs(plan));
    }

    [Fact]
    public void Where_the_target_folds_case_a_folder_keeps_the_name_that_it_got_there()
    {
        var folds = Traits() with { FoldsCase = true };
        Entry[] source = ["Work"];

        // One that comes later, and sorts before it.
        var plan = Plan([.. source, "WORK"], ["Old mail/Work"], Into("old mail"), folds, before: [("Work", "Old mail/Work")]);

        Assert.Contains("Work>Old mail/Work", Pairs(plan));
        Assert.Contains("WORK>Old mail/WORK_", Pairs(plan));
    }

    [Fact]
    public void A_path_that_no_checkpoint_could_hold_is_a_problem()
    {
        var deep = string.Join('/', Enumerable.Repeat("x", 60));

        Assert.Contains("would be 120 levels deep", Assert.Single(Plan([deep], [], Into(deep)).Problems).Message);
    }

    private static string[] Pairs(FolderPlan plan) => [.. plan.Mappings.Select(mapping => $"{mapping.Source.Path}>{mapping.Target}")];
}
