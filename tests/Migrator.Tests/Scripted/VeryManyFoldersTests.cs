using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Where a mailbox has very many folders, one session lists them, and the others open those that they need by name.</summary>
public sealed class VeryManyFoldersTests
{
    private const int Count = 1100;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_session_lists_them_for_all()
    {
        await using var source = Server("Folder", letters: 40);
        await using var target = Server("Folder", letters: 0);
        await using var harness = new Harness(source, target);
        harness.Job = harness.Job with { Options = harness.Job.Options with { Connections = 3 } };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 40L), (report.Outcome, report.Total.Delivered));
        Assert.All(
            [source, target],
            server =>
            {
                Assert.True(server.Accepted >= 3, $"{server.Accepted} sessions.");
                Assert.Equal(1, Listings(server));
            }
        );
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    /// <summary>LIST takes some letters of a name for wildcards, and a server may write names otherwise than MailKit.</summary>
    [Theory]
    [InlineData("100%")]
    [InlineData("a*b")]
    [InlineData("Entw&APw-rfe")]
    [InlineData("&AGE-bc")]
    public async Task Names_that_cannot_be_asked_for_are_found_all_the_same(string name)
    {
        await using var source = Server(name, letters: 40);
        await using var target = Server(name, letters: 0);
        await using var harness = new Harness(source, target);
        harness.Job = harness.Job with { Options = harness.Job.Options with { Connections = 3 } };

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 40L), (report.Outcome, report.Total.Delivered));
        Assert.All(
            source.Folders.Where(folder => folder.Value.Messages.Count > 0),
            folder => Assert.Single(target.Folders[folder.Key].Messages)
        );
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    private static int Listings(ScriptedImap server) =>
        server.Commands.Count(command => command.Name == "LIST" && command.Arguments.Contains('*', StringComparison.Ordinal));

    private static ScriptedImap Server(string name, int letters)
    {
        var server = new ScriptedImap();
        for (var number = 0; number < Count; number++)
            server.Folders[$"{name} {number}"] = new ScriptedFolder();
        for (var number = 0; number < letters; number++)
            server.Folders[$"{name} {number}"].Fill(1, number);
        return server;
    }
}
