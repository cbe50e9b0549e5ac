using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Folders whose names differ only in case, at an Exchange that takes them for one.</summary>
public sealed class ExchangeFolderTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="provider">Null for what the greeting shows; of a generic server, its own answers show it.</param>
    [Theory]
    [InlineData(null)]
    [InlineData("generic")]
    public async Task Each_has_its_own_folder_and_finds_it_again(string? provider)
    {
        await using var exchange = await ExchangeServer.StartAsync();
        await using var harness = new Harness(servers.Old, exchange.Server, servers.Old.ImapPort, exchange.Port);
        harness.Job = harness.Job with { Target = harness.Job.Target with { Provider = provider } };
        await using var ann = await harness.SourceAsync();
        string[] names = ["Project", "project", "project/Old", "drafts"];
        foreach (var (name, number) in names.Select((name, number) => (name, number)))
        {
            await ann.CreateAsync(name);
            await Letters.FillAsync(ann, name, 10 * number, number + 1);
        }

        var first = await harness.RunAsync(Stop);
        var second = await harness.RunAsync(Stop);
        File.Delete(Path.Combine(harness.State, "checkpoints.db"));
        var third = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 10L), (first.Outcome, first.Total.Delivered));
        Assert.Contains(first.Notices, notice => notice.StartsWith("project becomes project_: at the target, names that differ only in"));
        Assert.Equal((RunOutcome.Complete, 0L, 10L), (second.Outcome, second.Total.Delivered, second.Total.AlreadyThere));
        Assert.Equal((RunOutcome.Complete, 0L, 10L), (third.Outcome, third.Total.Delivered, third.Total.AlreadyThere));
        Assert.Equal(
            ["Drafts 4", "Project 1", "project_ 2", "project_/Old 3"],
            (await harness.TargetContentAsync())
                .Folders.Where(folder => folder.Value.Count > 0)
                .Select(folder => $"{folder.Key} {folder.Value.Count}")
                .Order(StringComparer.Ordinal)
        );
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }
}
