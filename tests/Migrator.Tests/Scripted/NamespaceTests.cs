using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Each folder of the user's once, under its own name, whatever a server says about namespaces.</summary>
public sealed class NamespaceTests
{
    private const string Capabilities = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE UNSELECT CHILDREN";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("NIL NIL NIL", Capabilities)]
    [InlineData("NIL NIL ((\"\" \"/\"))", Capabilities)]
    [InlineData("refused", Capabilities)]
    [InlineData("unknown", "IMAP4rev1 LITERAL+ UIDPLUS")]
    public async Task Without_a_namespace_of_the_users_own_everything_is(string namespaces, string capabilities)
    {
        await using var source = Server(namespaces, capabilities, "Work", "Work/2024");
        await using var target = Server(namespaces, capabilities);
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 9L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(["INBOX", "Work", "Work/2024"], target.Folders.Keys.Order(StringComparer.Ordinal));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Theory]
    [InlineData("((\"\" \"/\")(\"Archive/\" \"/\")) NIL NIL")]
    [InlineData("((\"Archive/\" \"/\")(\"\" \"/\")) NIL NIL")]
    public async Task Of_two_namespaces_one_within_the_other_each_folder_comes_once_under_its_own_name(string namespaces)
    {
        await using var source = Server(namespaces, Capabilities, "Archive/2019", "Archive/2020", "Work");
        await using var target = Server("((\"\" \"/\")) NIL NIL", Capabilities);
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 12L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(["Archive/2019", "Archive/2020", "INBOX", "Work"], target.Folders.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("STATUS \"Work\" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1 HIGHESTMODSEQ NIL)")]
    [InlineData("STATUS My Work (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1)")]
    [InlineData("STATUS \"Work\" MESSAGES")]
    public async Task Folders_are_listed_without_STATUS_where_its_answers_cannot_be_read(string answer)
    {
        await using var source = Server("((\"\" \"/\")) NIL NIL", Capabilities + " CONDSTORE", "Work");
        // An empty folder is asked for its status once more.
        source.Folders["Empty"] = new ScriptedFolder();
        await using var target = Server("((\"\" \"/\")) NIL NIL", Capabilities);
        await using var harness = new Harness(source, target);
        source.Arm(
            "status",
            command =>
            {
                if (command.Name != "STATUS")
                    return null;
                command.Session.Say($"* {answer}");
                return "OK done";
            }
        );

        var report = await harness.RunAsync(Stop, new Recovery.ImmediateClock());
        var again = await harness.RunAsync(Stop, new Recovery.ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 6L), (report.Outcome, report.Total.Delivered));
        Assert.Equal((RunOutcome.Complete, 6L, 0L), (again.Outcome, again.Total.AlreadyThere, again.Total.Delivered));
    }

    [Fact]
    public async Task Two_namespaces_beside_each_other_are_both_listed()
    {
        await using var source = Server("((\"INBOX.\" \".\")(\"Old.\" \".\")) NIL NIL", Capabilities, "INBOX.Work", "Old.Work");
        await using var target = Server("((\"\" \"/\")) NIL NIL", Capabilities);
        source.Delimiter = '.';
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 9L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(["INBOX", "Old/Work", "Work"], target.Folders.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Folders_of_others_are_left_out_and_named_unless_the_job_includes_them(bool included)
    {
        await using var source = Server(
            "((\"\" \"/\")) ((\"user/\" \"/\")) ((\"Public/\" \"/\"))",
            Capabilities,
            "Work",
            "Public/Info",
            "user/bob/Sent"
        );
        await using var target = Server("((\"\" \"/\")) NIL NIL", Capabilities);
        await using var harness = new Harness(source, target);
        if (included)
            harness.Job = harness.Job with
            {
                Folders = FolderRules.All with
                {
                    Namespaces = new HashSet<NamespaceKind> { NamespaceKind.Private, NamespaceKind.Shared, NamespaceKind.Public },
                },
            };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, included ? 12L : 6L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(
            included ? ["INBOX", "Public/Info", "Work", "user/bob/Sent"] : ["INBOX", "Work"],
            target.Folders.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal(included ? 0 : 2, report.Notices.Count(notice => notice.Contains("folders.namespaces", StringComparison.Ordinal)));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    /// <summary>Cyrus without altnamespace: whatever is under no other prefix is everybody's.</summary>
    [Fact]
    public async Task A_public_namespace_without_a_prefix_takes_nothing_of_the_users()
    {
        await using var source = Server(
            "((\"INBOX/\" \"/\")) ((\"user/\" \"/\")) ((\"\" \"/\"))",
            Capabilities,
            "INBOX/Work",
            "Info",
            "user/bob"
        );
        await using var target = Server("((\"\" \"/\")) NIL NIL", Capabilities);
        await using var harness = new Harness(source, target);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 6L), (report.Outcome, report.Total.Delivered));
        Assert.Equal(["INBOX", "Work"], target.Folders.Keys.Order(StringComparer.Ordinal));
        Assert.Contains(report.Notices, notice => notice.StartsWith("Public folders/Info", StringComparison.Ordinal));
    }

    /// <summary>Three messages in INBOX and in each of these.</summary>
    private static ScriptedImap Server(string namespaces, string capabilities, params string[] folders)
    {
        var server = new ScriptedImap { Capabilities = capabilities, Namespace = namespaces };
        if (namespaces == "refused")
            server.Arm("NAMESPACE", command => command.Name == "NAMESPACE" ? "NO not here" : null);
        if (folders.Length > 0)
            server.Inbox.Fill(3);
        foreach (var (index, name) in folders.Index())
        {
            server.Folders.Add(name, new ScriptedFolder());
            server.Folders[name].Fill(3, 10 * (index + 1));
        }
        return server;
    }
}
