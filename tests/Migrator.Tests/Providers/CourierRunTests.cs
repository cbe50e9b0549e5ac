using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Migrations to and from old Couriers, and from those that a hoster has configured.</summary>
public sealed class CourierRunTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="refuses">Otherwise, keywords are dropped without a word.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_stored_when_the_connection_ended_is_recognized_without_its_UID(bool refuses)
    {
        await using var courier = await CourierLikeServer.StartAsync(
            new CourierTraits
            {
                LacksUidPlus = true,
                DropsKeywords = !refuses,
                RefusesKeywords = refuses,
            }
        );
        await using var harness = To(courier);
        await using var ann = await harness.SourceAsync();
        await Letters.FillAsync(ann, "INBOX", 0, 8);
        // Twins stay two.
        await Letters.FillAsync(ann, "INBOX", 3, 1);
        await ann.StoreAsync("INBOX", "2:4", "+FLAGS ($Later \\Flagged)");
        var appends = 0;
        courier.ArmAfter("answer lost", command => command.Name == "APPEND" && ++appends is 2 or 6 ? ProxyFault.Drop : null);

        var first = await harness.RunAsync(Stop, new ImmediateClock());
        File.Delete(Path.Combine(harness.State, "checkpoints.db"));
        var second = await harness.RunAsync(Stop);
        await ann.StoreAsync("INBOX", "1:3", "+FLAGS ($Other \\Answered)");
        var third = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 9, 0), Of(first));
        Assert.Equal((RunOutcome.Complete, 0, 9), Of(second));
        Assert.Equal((RunOutcome.Complete, 0, 9), Of(third));
        Assert.Equal(
            (await harness.SourceContentAsync()).Folders["INBOX"].Select(message => (message.Hash, message.Date)).Order(),
            (await harness.TargetContentAsync()).Folders["INBOX"].Select(message => (message.Hash, message.Date)).Order()
        );
        // Verify says what the target does not keep, and nothing else.
        var verified = await harness.VerifyAsync(Stop);
        Assert.False(verified.Identical);
        Assert.Equal(4, verified.Differences.Count(difference => difference.Kind == DifferenceKind.Flags));
        Assert.Equal(4, verified.Differences.Count);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_in_another_fails_alone()
    {
        await using var courier = await CourierLikeServer.StartAsync(new CourierTraits { NoInferiors = true });
        await using var harness = To(courier);
        await using var ann = await harness.SourceAsync();
        foreach (var folder in new[] { "Work", "Work/2024", "Lists" })
        {
            await ann.CreateAsync(folder);
            await Letters.FillAsync(ann, folder, 10 * folder.Length, 3);
        }

        foreach (var delivered in new[] { 6L, 0L })
        {
            var report = await harness.RunAsync(Stop);

            Assert.Equal((RunOutcome.Partial, delivered), (report.Outcome, report.Total.Delivered));
            Assert.Equal("Work/2024", Assert.Single(report.Folders, folder => folder.Failure is not null).Source.ToString());
        }
        var verified = await harness.VerifyAsync(Stop);
        Assert.False(verified.Identical);
        Assert.Equal(3, verified.Folders.Sum(folder => folder.Missing));
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(true, "* BYE Too many connections from your address, please try again later.")]
    [InlineData(false, "")]
    [InlineData(false, "* BYE Too many connections from your address, please try again later.")]
    public async Task One_connection_is_enough(bool toCourier, string refusal)
    {
        await using var courier = await CourierLikeServer.StartAsync(new CourierTraits { Connections = 1, Refusal = refusal });
        await using var harness = toCourier ? To(courier) : From(courier);
        harness.Job = harness.Job with { Options = harness.Job.Options with { Connections = 4 } };
        await using (var ann = await harness.SourceAsync())
        {
            foreach (var folder in new[] { "INBOX", "Work", "Lists", "Friends" })
            {
                var name = toCourier || folder == "INBOX" ? folder : $"INBOX.{folder}";
                if (folder != "INBOX")
                    await ann.CreateAsync(name);
                await Letters.FillAsync(ann, name, folder.Length * 10, 8);
            }
        }

        var report = await harness.RunAsync(Stop, new ImmediateClock());

        Assert.Equal((RunOutcome.Complete, 32, 0), Of(report));
        Assert.True((await harness.VerifyAsync(Stop, new ImmediateClock())).Identical);
    }

    private Harness To(CourierLikeServer courier) => new(servers.Old, courier.Server, servers.Old.ImapPort, courier.Port);

    private Harness From(CourierLikeServer courier) => new(courier.Server, servers.New, courier.Port, servers.New.ImapPort);

    private static (RunOutcome, long, long) Of(RunReport report) => (report.Outcome, report.Total.Delivered, report.Total.AlreadyThere);
}
