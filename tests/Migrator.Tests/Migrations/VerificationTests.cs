using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Migrations;

/// <summary>Which messages of two mailboxes are paired, and how far one end is read before the other.</summary>
public sealed class VerificationTests
{
    // What one end may hold while it waits for the other, and a page.
    private const int Ahead = 20_000 + 1000;

    private static readonly string[] s_flags = ["", "\\Seen", "\\Flagged \\Seen"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Compared with a model that has all messages at hand: of equal contents those with the same flags and date first, then those
    /// with one of them, then any.</summary>
    [Fact]
    public async Task Twins_with_other_flags_and_dates_are_never_paired_crosswise()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var (source, target) = (new MemoryMailSource(), new MemoryMailSource());
            var (here, there) = (source.Add("INBOX"), target.Add("INBOX"));
            Fill(here, random);
            Fill(there, random);

            var report = await VerifyAsync(source, target);

            var (pairs, missing, extra) = Model([.. here.Messages.Values], [.. there.Messages.Values]);
            var folder = Assert.Single(report.Folders);
            Assert.Equal(
                (here.Messages.Count, there.Messages.Count, here.Messages.Values.Sum(message => message.Bytes.Length), pairs.Count),
                (folder.SourceMessages, folder.TargetMessages, folder.SourceBytes, folder.Matched)
            );
            Assert.Equal(missing.Select(message => (Uid?)message.Uid), Uids(DifferenceKind.Missing, difference => difference.Uid));
            Assert.Equal(extra.Select(message => (Uid?)message.Uid), Uids(DifferenceKind.Extra, difference => difference.TargetUid?.Uid));
            Assert.Equal(
                pairs.Where(pair => pair.Source.Flags != pair.Target.Flags).Select(pair => (pair.Source.Uid, pair.Target.Uid)),
                Both(DifferenceKind.Flags)
            );
            Assert.Equal(
                pairs
                    .Where(pair => pair.Source.InternalDate != pair.Target.InternalDate)
                    .Select(pair => (pair.Source.Uid, pair.Target.Uid)),
                Both(DifferenceKind.InternalDate)
            );

            IEnumerable<Uid?> Uids(DifferenceKind kind, Func<Difference, Uid?> uid) =>
                report.Differences.Where(difference => difference.Kind == kind).Select(uid);

            IEnumerable<(Uid, Uid)> Both(DifferenceKind kind) =>
                report
                    .Differences.Where(difference => difference.Kind == kind)
                    .Select(difference => (difference.Uid!.Value, difference.TargetUid!.Value.Uid));
        }
    }

    [Fact]
    public async Task Neither_end_of_a_large_folder_is_read_far_before_the_other()
    {
        const int messages = 200_000;
        var (source, target) = (new MemoryMailSource(), new MemoryMailSource());
        Fill(source.Add("INBOX"), messages);
        Fill(target.Add("INBOX"), messages);
        var (here, there, most) = (0, 0, 0);

        var report = await VerifyAsync(source, target, _ => Count(ref here), _ => Count(ref there));

        Assert.True(report.Identical);
        Assert.Equal((messages, messages), (here, there));
        Assert.InRange(most, 1, Ahead);

        void Count(ref int end)
        {
            Interlocked.Increment(ref end);
            most = Math.Max(most, Math.Abs(Volatile.Read(ref here) - Volatile.Read(ref there)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_is_lost_while_the_other_end_waits_is_opened_again_and_nothing_is_read_twice(bool atSource)
    {
        const int messages = 60_000;
        var (source, target) = (new MemoryMailSource(), new MemoryMailSource());
        Fill(source.Add("INBOX"), messages);
        Fill(target.Add("INBOX"), messages);
        var (lost, read) = (0, new int[2]);

        var report = await VerifyAsync(source, target, uid => Read(uid, 0), uid => Read(uid, 1));

        Assert.True(report.Identical);
        Assert.Equal(3, lost);
        // Each of the lost connections was about to return a message.
        Assert.Equal(atSource ? (messages + lost, messages) : (messages, messages + lost), (read[0], read[1]));

        void Read(Uid uid, int end)
        {
            Interlocked.Increment(ref read[end]);
            if ((end == 0) != atSource || !(lost == 0 && uid == 1) && !(lost == 1 && uid == 15_500) && !(lost == 2 && uid == 59_999))
                return;
            lost++;
            throw new MailException(Reason.ConnectionLost, "The connection was lost.");
        }
    }

    private static async Task<VerifyReport> VerifyAsync(
        MemoryMailSource source,
        MemoryMailSource target,
        Action<Uid>? atSource = null,
        Action<Uid>? atTarget = null
    )
    {
        var verification = new Verification(
            new Transfer("test", "memory:source", "memory:target", FolderRules.All, RunOptions.Default),
            new MailboxEndpoints(
                (_, _) =>
                {
                    var session = source.Session();
                    session.BeforeMessage = atSource;
                    return Task.FromResult<IMailSource>(session);
                },
                (_, _) => Task.FromResult<IMailTarget>(new MemoryMailTarget(target) { BeforeMessage = atTarget })
            ),
            new MemoryCheckpointStore(),
            new SteppingClock(DateTimeOffset.UnixEpoch),
            NullLogger.Instance
        );
        return await verification.RunAsync(new RunProgress(), Stop).WaitAsync(TimeSpan.FromMinutes(2), Stop);
    }

    private static void Fill(MemoryMailSource.Folder folder, int messages)
    {
        for (var number = 1; number <= messages; number++)
        {
            folder.Messages.Add(
                (uint)number,
                new MemoryMailSource.Message((uint)number, Encoding.ASCII.GetBytes($"{number}"), FlagSet.None, DateTimeOffset.UnixEpoch)
            );
        }
    }

    private static void Fill(MemoryMailSource.Folder folder, Random random)
    {
        for (var left = random.Next(12); left > 0; left--)
        {
            folder.Add(
                Encoding.ASCII.GetBytes($"Subject: {random.Next(3)}\r\n\r\n"),
                s_flags[random.Next(s_flags.Length)],
                DateTimeOffset.UnixEpoch.AddDays(random.Next(3))
            );
        }
    }

    private static (
        List<(MemoryMailSource.Message Source, MemoryMailSource.Message Target)> Pairs,
        List<MemoryMailSource.Message> Missing,
        List<MemoryMailSource.Message> Extra
    ) Model(List<MemoryMailSource.Message> source, List<MemoryMailSource.Message> target)
    {
        var pairs = new List<(MemoryMailSource.Message Source, MemoryMailSource.Message Target)>();
        for (var alike = 2; alike >= 0; alike--)
        {
            foreach (var message in source.ToList())
            {
                var other = target.Find(candidate => IsSame(message, candidate, alike));
                if (other is null)
                    continue;
                pairs.Add((message, other));
                source.Remove(message);
                target.Remove(other);
            }
        }
        return ([.. pairs.OrderBy(pair => pair.Source.Uid)], source, target);
    }

    private static bool IsSame(MemoryMailSource.Message one, MemoryMailSource.Message other, int alike) =>
        one.Bytes.AsSpan().SequenceEqual(other.Bytes)
        && (one.Flags == other.Flags ? 1 : 0) + (one.InternalDate == other.InternalDate ? 1 : 0) >= alike;
}
