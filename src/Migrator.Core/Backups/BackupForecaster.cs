using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;

namespace Migrator.Core.Backups;

/// <summary>Finds out what a backup would do with one folder, by the part of it that compares folders.</summary>
/// <param name="same">The folder in the snapshot before; null for none.</param>
/// <param name="pages">Null where there is no archive.</param>
/// <param name="spoolLimit">Of the run, in bytes.</param>
internal sealed class BackupForecaster(
    MailFolder folder,
    SnapshotFolder? same,
    bool isUnchanged,
    ObjectReader? pages,
    RunProgress progress,
    long spoolLimit
) : IResumableWork
{
    private const int Chunk = 1000;

    private readonly BackupFolder _folder = new(folder, same, progress.Add(folder.Path, folder.Path, 0));
    private readonly Isolation _sizes = new();
    private readonly List<Uid> _atBothEnds = [];

    public long ProgressVersion => _folder.ProgressVersion + _sizes.Narrowed;

    /// <summary>After <see cref="RunAsync"/>.</summary>
    public FolderForecast Forecast { get; private set; } = new(folder.Path, folder.Path, same is not null);

    /// <summary>Messages that the source lists and that, after a run, are in the archive; of POP3 only.</summary>
    public IReadOnlyList<Uid> AtBothEnds => _atBothEnds;

    public bool GiveUp(MailException loss)
    {
        Forecast = Forecast with { Failure = Failure.Of(loss) };
        return true;
    }

    public async Task RunAsync(SessionPair sessions, CancellationToken stop)
    {
        if (Forecast.Failure is not null)
            return;
        try
        {
            Forecast = isUnchanged ? Forecast with { Copied = new MailAmount(same!.Count, same.Bytes) } : await LookAsync(sessions, stop);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
        {
            Forecast = Forecast with { Failure = Failure.Of(exception) };
        }
        catch (StorageException exception) when (exception.Reason == Reason.ArchiveDamaged || exception.Reason == Reason.BlobMissing)
        {
            Forecast = Forecast with { Failure = Failure.Of(Reason.FolderUnreadable, $"{folder.Path}: {exception.Message}") };
        }
    }

    private async Task<FolderForecast> LookAsync(SessionPair sessions, CancellationToken stop)
    {
        var (_, uids, kept) = await _folder.CompareAsync(sessions, pages, stop);
        var (there, coming) = (kept.Kept.Intersect(uids), new Coming(long.MaxValue, spoolLimit));
        var copied = default(MailAmount);
        _atBothEnds.Clear();
        if (pages is not null)
        {
            await foreach (var messages in kept.ReadAsync(pages, there, stop))
                copied = messages.Aggregate(copied, (sum, message) => sum.With(message.Size));
        }
        foreach (var uid in there)
            Keep(sessions, uid);
        foreach (var chunk in uids.Except(there).Chunk(Chunk))
        {
            var sizes = new Dictionary<Uid, long?>();
            await _sizes.AskAsync(
                chunk,
                async some =>
                {
                    foreach (var (uid, size) in await sessions.Source.SizesAsync(some, stop))
                        sizes[uid] = size;
                }
            );
            foreach (var uid in chunk.Where(uid => coming.Add(uid, sizes.GetValueOrDefault(uid))))
                Keep(sessions, uid);
        }
        return Forecast with
        {
            Copied = copied,
            ToCopy = coming.Amount,
            UnknownSizes = coming.UnknownSizes,
            TooLarge = coming.TooLarge,
            FirstTooLarge = coming.FirstTooLarge,
            // A POP3 server that gives other unique ids than before lists messages that the archive has as new ones.
            MayBeThere = Math.Min(coming.Amount.Messages, kept.Kept.Count - there.Count),
        };
    }

    private void Keep(SessionPair sessions, Uid uid)
    {
        if (sessions.Source is IDeletableSource)
            _atBothEnds.Add(uid);
    }
}
