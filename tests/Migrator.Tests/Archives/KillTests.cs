using Migrator.Core.Reports;
using Migrator.Tests.Memory;
using Xunit;
using Xunit.Sdk;

namespace Migrator.Tests.Archives;

/// <summary>The process is killed after every single change that it makes to the store. What it leaves is sound, and the next run continues
/// from there.</summary>
public sealed class KillTests
{
    public static TheoryData<string, bool> Cases =>
        new MatrixTheoryData<string, bool>(ArchiveScenario.Names.Where(name => name != "restore"), [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Whatever_a_killed_run_leaves_is_sound(string name, bool encrypted)
    {
        var situation = await ArchiveScenario.OfAsync(name, encrypted);

        var left = await LeftAsync(situation.Archive, archive => situation.Run(archive));

        Assert.True(left.Count >= 4, $"Only {left.Count} changes.");
        foreach (var (after, archive) in left)
            await HoldsAsync(after, () => situation.ShouldHoldAsync(archive, mends: name == "repair"));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    public async Task What_was_written_on_the_way_to_a_snapshot_is_sound(bool encrypted, int connections)
    {
        var mailbox = new MemoryMailSource();
        foreach (var path in new[] { "INBOX", "A", "B", "C" })
        {
            var folder = mailbox.Add(path);
            for (var number = 0; number < 600; number++)
                folder.Add(System.Text.Encoding.ASCII.GetBytes($"Subject: {number % 500}\r\n\r\n{(number % 7 == 0 ? "twin" : path)}\r\n"));
        }
        var situation = new ArchiveScenario(
            await MemoryArchive.CreateAsync(encrypted),
            mailbox,
            new Dictionary<Core.Archives.SnapshotName, IReadOnlyList<string>>(),
            archive => archive.BackUpAllAsync(mailbox)
        );

        var left = await LeftAsync(
            situation.Archive,
            async archive =>
            {
                // To this clock ten minutes pass whenever it is examined: each part that is fetched ends with a snapshot on the way.
                var report = await archive.BackUpAsync(mailbox.Session, clock: new JumpingClock(), connections: connections);
                Assert.Equal(RunOutcome.Complete, report.Outcome);
            }
        );

        // Of several sessions that want to write one at once, one does.
        Assert.InRange(
            left.Count(change => change.After.StartsWith("commit snapshots/", StringComparison.Ordinal)),
            connections == 1 ? 9 : 2,
            9
        );
        foreach (var (after, archive) in left)
            await HoldsAsync(after, () => situation.ShouldHoldAsync(archive));
    }

    /// <summary>What a run leaves if it is killed after any of its changes.</summary>
    private static async Task<List<(string After, MemoryArchive Archive)>> LeftAsync(MemoryArchive before, Func<MemoryArchive, Task> run)
    {
        var (archive, left, turn) = (before.Clone(), new List<(string, MemoryArchive)>(), new Lock());
        var faults = new Faults(0)
        {
            Changed = what =>
            {
                lock (turn)
                    left.Add((what, archive.Clone()));
            },
        };
        archive.Through = store => new FaultyBlobStore(store, faults);
        await run(archive);
        return left;
    }

    private static async Task HoldsAsync(string after, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new XunitException($"After a kill after {after}: {exception.Message}", exception);
        }
    }

    private sealed class JumpingClock : TimeProvider
    {
        private long _looks;

        public override DateTimeOffset GetUtcNow() => MemoryArchive.Epoch.AddMinutes(11 * Interlocked.Increment(ref _looks));
    }
}
