using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers.Properties;

/// <summary>Any mailbox from and to providers, which its user changes between runs and whose connections are lost: all of it arrives,
/// nothing twice, and what a run says is so.</summary>
internal sealed class CopyProperty(DovecotFixture servers)
{
    private const int Runs = 3;

    private static readonly string[] s_flags = ["\\Seen", "\\Flagged", "\\Answered", "\\Draft"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="count">How many mailboxes.</param>
    public async Task HoldsAsync(ProviderKind from, ProviderKind to, int count)
    {
        await using var source = await StartAsync(from);
        await using var target = await StartAsync(to);
        RandomLosses[] losses = [.. new[] { source, target }.OfType<ImapProxy>().Select(provider => new RandomLosses(provider))];
        await RandomMailbox.EachAsync(count, (random, seed) => CopyAsync(from, to, source, target, losses, random, unlike: seed % 2 == 1));
    }

    private async Task CopyAsync(
        ProviderKind from,
        ProviderKind to,
        ImapProxy? source,
        ImapProxy? target,
        IReadOnlyList<RandomLosses> losses,
        Random random,
        bool unlike
    )
    {
        await using var harness = new Harness(
            source?.Server ?? servers.Old,
            target?.Server ?? servers.New,
            source?.Port ?? servers.Old.ImapPort,
            target?.Port ?? servers.New.ImapPort
        );
        // Gmail makes one message of two that it takes for the same.
        var (gmail, alone) = (to == ProviderKind.Gmail, unlike && to == ProviderKind.Gmail);
        var merges = gmail && !alone;
        var letters = new RandomLetters(
            random,
            alone,
            readable: from == ProviderKind.RewritingExchange || to == ProviderKind.RewritingExchange
        );
        await using var mailbox = await OpenAsync(from, source, harness, letters, random, alone);
        await mailbox.CreateAsync();
        var oracle = new CopyOracle(folder => NameAtTarget(to, folder));

        for (var run = 0; run < Runs; run++)
        {
            await mailbox.ChangeAsync(run == 0 ? 20 : 8);
            oracle.Run(await mailbox.ShownAsync());
            foreach (var provider in losses)
                provider.Begin(random);
            var report = await harness.RunAsync(Stop, new ImmediateClock());
            foreach (var provider in losses)
                provider.Begin(null);

            var there = await ThereAsync(harness, to);
            Assert.True(oracle.TooMuch(there, gmail) is [], $"run {run}: {string.Join('\n', oracle.TooMuch(there, gmail))}");
            Assert.True(report.Total.AddsUp);
            var lacking = oracle.Lacking(there);
            var failed = report.Failures.Select(failure => failure.Folder.ToString()).ToHashSet();
            var differing = report.Differences.Select(difference => difference.Folder.ToString()).ToHashSet();
            // Flags of one message in several folders that differ at the source are those of all its labels at Gmail: verify names them,
            // a run only as it delivers.
            Assert.True(
                lacking
                    .Where(lack => lack.Missing || !merges)
                    .All(lack => differing.Contains(lack.Folder) || (lack.Missing && failed.Contains(lack.Folder))),
                $"run {run} does not say all: {Words(report)}\n{Words(lacking)}"
            );
            var complete = !lacking.Any(lack => lack.Missing);
            Assert.True(
                (report.Outcome == RunOutcome.Complete) == complete || (complete && (merges || ThroughTrash(there))),
                $"run {run} says {Words(report)}\n{Words(lacking)}"
            );
        }

        var verified = await harness.VerifyAsync(Stop);
        var last = await ThereAsync(harness, to);
        var left = oracle.Lacking(last);
        Assert.True(
            verified.Identical == (left.Count == 0) || (left.Count == 0 && ThroughTrash(last)),
            $"verify: {string.Join('\n', verified.Differences)}\n{Words(left)}"
        );
        Assert.Equal(0, (await harness.RunAsync(Stop)).Total.Delivered);
    }

    private async Task<RandomMailbox> OpenAsync(
        ProviderKind from,
        ImapProxy? source,
        Harness harness,
        RandomLetters letters,
        Random random,
        bool once
    )
    {
        var imap = source is null ? await harness.SourceAsync() : await source.LogInAsync(harness.SourceUser);
        return from switch
        {
            ProviderKind.Gmail => new RandomLabels(
                (GmailServer)source!,
                harness.SourceUser,
                imap,
                letters,
                random,
                [.. s_flags, "$Forwarded"]
            ),
            ProviderKind.Dovecot => new RandomFolders(
                imap,
                letters,
                random,
                [.. s_flags, "$Forwarded", "\\Deleted"],
                ["INBOX", "Work", "Body/Bücher", "Sent", "Drafts", "Trash"],
                once
            ),
            _ => new RandomFolders(
                imap,
                letters,
                random,
                [.. s_flags, "\\Deleted"],
                ["INBOX", "Work", "Work/Later", "Sent Items", "Drafts", "Deleted Items"],
                once
            ),
        };
    }

    private static async Task<ImapProxy?> StartAsync(ProviderKind provider) =>
        provider switch
        {
            ProviderKind.Gmail => await GmailServer.StartAsync(),
            ProviderKind.Exchange => await ExchangeServer.StartAsync(),
            ProviderKind.RewritingExchange => await ExchangeServer.StartAsync(
                new ExchangeTraits { Rewrites = true, EstimatesSizes = true }
            ),
            _ => null,
        };

    /// <summary>What has a use goes to the folder of the same use.</summary>
    private static string NameAtTarget(ProviderKind to, string folder) =>
        (to, folder) switch
        {
            (ProviderKind.Gmail, "Sent") => "[Gmail]/Sent Mail",
            (ProviderKind.Gmail, "Drafts" or "Trash") => $"[Gmail]/{folder}",
            (ProviderKind.Exchange or ProviderKind.RewritingExchange, _) => folder switch
            {
                "Sent" or "[Gmail]/Sent Mail" => "Sent Items",
                "[Gmail]/Drafts" => "Drafts",
                "[Gmail]/Spam" => "Junk Email",
                "Trash" or "[Gmail]/Trash" => "Deleted Items",
                _ => folder,
            },
            _ => folder,
        };

    /// <summary>As it is stored, without what only shows messages of other folders.</summary>
    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>>> ThereAsync(
        Harness harness,
        ProviderKind to
    ) =>
        (await harness.TargetContentAsync())
            .Folders.Where(folder =>
                to != ProviderKind.Gmail || folder.Key is not ("[Gmail]/All Mail" or "[Gmail]/Starred" or "[Gmail]/Important")
            )
            .ToDictionary(folder => folder.Key, folder => folder.Value);

    /// <summary>Gmail has a message in its trash that was to lie elsewhere as well.</summary>
    private static bool ThroughTrash(IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>> there) =>
        there.TryGetValue("[Gmail]/Trash", out var trash)
        && there
            .Where(folder => folder.Value != trash)
            .SelectMany(folder => folder.Value)
            .Select(message => message.Hash)
            .Intersect(trash.Select(message => message.Hash))
            .Any();

    private static string Words(RunReport report) =>
        $"{report.Outcome}: "
        + string.Join(
            "\n",
            report
                .Failures.Select(failure => $"{failure.Folder} {failure.Uid} {failure.Failure.Code} {failure.Failure.Detail}")
                .Concat(report.Differences.Select(difference => difference.ToString()))
                .Concat(report.Notices)
                .Append(report.Stopped?.Detail)
        );

    private static string Words(IEnumerable<Lack> lacking) => string.Join('\n', lacking.Select(lack => lack.Words));
}
