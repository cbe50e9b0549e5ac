using Migrator.App.Formatting;
using Migrator.Core.Reports;
using Migrator.Tests.Corpus;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Migrations;

/// <summary>Odd messages, Dovecot to Dovecot, judged by a client that is not the product's.</summary>
public sealed class CorpusTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_odd_message_arrives_as_it_was()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await OddDelivery.DeliverAsync([.. OddMessages.All, OddMessages.Huge], harness.Old, harness.SourceUser);

        var report = await harness.RunAsync(Stop);

        var source = await harness.SourceContentAsync();
        Assert.True(OddMessages.All.Count >= 40);
        Assert.Equal(OddMessages.All.Count + 1, source.Count);
        source.ShouldEqual(await harness.TargetContentAsync());
        Assert.Equal(RunOutcome.Complete, report.Outcome);
        Assert.Equal(source.Count, report.Total.Delivered);
        Assert.True(report.Total.AddsUp);
        // Dovecot sets the date of a message from the future to now; whatever it does, it is either kept or reported.
        Assert.All(report.Differences, difference => Assert.Equal(DifferenceKind.InternalDate, difference.Kind));
    }

    [Fact]
    public async Task Verify_finds_the_copies_identical_and_changes_nothing()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await OddMessages.All.DeliverAsync(harness.Old, harness.SourceUser);
        await harness.RunAsync(Stop);

        var report = await harness.VerifyAsync(Stop);

        Assert.Empty(report.Differences);
        Assert.True(report.Identical);
        Assert.Equal(OddMessages.All.Count, report.Folders.Sum(folder => folder.Matched));
    }

    [Theory]
    [InlineData("sdbox")]
    [InlineData("mdbox")]
    public async Task Other_mailbox_formats_make_no_difference(string format)
    {
        await using var other = await DovecotServer.StartAsync(new DovecotOptions(Format: format));
        await using var harness = new Harness(servers.Old, other);
        await OddMessages.All.DeliverAsync(harness.Old, harness.SourceUser);

        await harness.RunAsync(Stop);

        (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
    }

    [Fact]
    public async Task Reading_leaves_the_source_as_it_is()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        await OddMessages.All.DeliverAsync(harness.Old, harness.SourceUser);
        var before = await harness.SourceContentAsync();

        await harness.RunAsync(Stop);
        await harness.VerifyAsync(Stop);

        before.ShouldEqual(await harness.SourceContentAsync());
    }
}
