using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Tests.Memory;
using Xunit;
using Xunit.Sdk;

namespace Migrator.Tests.Archives;

/// <summary>A year of nights: every snapshot that is kept says exactly what the mailbox was in its night.</summary>
public sealed class YearTests
{
    private const int Nights = 365;

    private readonly ChangingMailbox _mailbox = new();
    private readonly Dictionary<string, IReadOnlyList<string>> _pictures = [];
    private readonly Random _random = new(1);

    // Since the last night that was not disturbed.
    private bool _changed = true;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_kept_night_comes_back_as_it_was(bool encrypted)
    {
        var archive = await MemoryArchive.CreateAsync(encrypted);
        var (quiet, disturbed) = (0, 0);
        for (var night = 1; night <= Nights; night++)
        {
            _changed |= _mailbox.LiveADay();
            try
            {
                switch (_random.Next(15))
                {
                    case 0:
                        await DisturbedAsync(archive, cancel: _random.Next(2) == 0);
                        disturbed++;
                        break;
                    default:
                        quiet += await UndisturbedAsync(archive) ? 0 : 1;
                        break;
                }
                if (night % 7 == 0)
                    await PruneAsync(archive);
                if (night % 30 == 0)
                    await LookAsync(archive);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new XunitException($"Night {night}: {exception.Message}", exception);
            }
            archive.Time.Advance(TimeSpan.FromDays(1));
        }
        await LookAsync(archive);
        await archive.ShouldBeSoundAsync();
        // Enough of each, or the year was not the one that it was meant to be.
        Assert.True(quiet > 10 && disturbed > 10, $"{quiet} quiet nights, {disturbed} disturbed ones.");
        Assert.InRange((await archive.SnapshotsAsync()).Count, 12, 30);
    }

    /// <returns>Whether there was anything to write.</returns>
    private async Task<bool> UndisturbedAsync(MemoryArchive archive)
    {
        var (before, last) = (Blobs(archive), await LastAsync(archive));
        // Each night with a directory of its own for the local state: nothing in it is needed.
        await archive.BackUpAllAsync(_mailbox.Source);
        var picture = await MailboxImage.TakeAsync(_mailbox.Source.Session(), Stop);
        var now = (await archive.SnapshotsAsync())[^1];
        MailboxImage.ShouldEqual(picture, await archive.RestoreAsync(now));
        _pictures[now.Name] = picture;
        if (_changed || last?.State != SnapshotState.Complete)
        {
            _changed = false;
            return true;
        }
        Assert.Equal(before, Blobs(archive));
        return false;
    }

    /// <summary>The run is stopped, or the source fails for good: what a snapshot says of such a night need not be all, but is never
    /// wrong.</summary>
    private async Task DisturbedAsync(MemoryArchive archive, bool cancel)
    {
        using var stop = new CancellationTokenSource();
        var left = _random.Next(6);
        var session = _mailbox.Source.Session();
        session.BeforeMessage = _ =>
        {
            if (left-- > 0)
                return;
            if (!cancel)
                throw new MailException(Reason.AuthenticationFailed, "The account was locked.");
            stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
        };
        _changed = true;
        var before = await archive.SnapshotsAsync();
        await archive.BackUpAsync(() => session, stop: stop.Token);
        var snapshots = await archive.SnapshotsAsync();
        if (snapshots.Count == before.Count)
            return;
        var restored = await archive.RestoreAsync(snapshots[^1]);
        _pictures[snapshots[^1].Name] = restored;
        // Each message is one that is in the mailbox now, or was the last time that its folder was read.
        var known = (await MailboxImage.TakeAsync(_mailbox.Source.Session(), Stop))
            .Concat(before is [.., var last] ? _pictures[last.Name] : [])
            .ToHashSet();
        Assert.DoesNotContain(
            restored,
            line => line.StartsWith("  ", StringComparison.Ordinal) && !line.Contains("UIDVALIDITY") && !known.Contains(line)
        );
    }

    private static async Task PruneAsync(MemoryArchive archive)
    {
        var before = (await archive.SnapshotsAsync()).Select(name => name.Name).ToList();
        var report = await new ArchivePrune(await archive.OpenAsync(), new RetentionPolicy(0, 7, 5, 12, 0), TimeSpan.FromDays(2)).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );
        var left = (await archive.SnapshotsAsync()).Select(name => name.Name).ToList();
        Assert.Equal(before.Except(report.DroppedNames).Order(), left.Order());
        Assert.Equal((left.Count, report.DroppedNames.Count), (report.Kept, report.Dropped));
    }

    private async Task LookAsync(MemoryArchive archive)
    {
        foreach (var name in await archive.SnapshotsAsync())
            MailboxImage.ShouldEqual(_pictures[name.Name], await archive.RestoreAsync(name));
    }

    private static async Task<Snapshot?> LastAsync(MemoryArchive archive) =>
        await archive.SnapshotsAsync() is [.., var last] ? await (await archive.OpenAsync()).ReadAsync(last, Stop) : null;

    /// <summary>Without index blobs, which are merged on any night.</summary>
    private static List<string> Blobs(MemoryArchive archive) =>
        [.. archive.Store.Blobs.Keys.Where(name => !name.StartsWith("index/", StringComparison.Ordinal))];
}
