using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>Reads every message of one folder at one end, to compare it. What was read is kept when a connection is lost: an attempt reads
/// only what is left, or a large folder on a poor line would never be through.</summary>
/// <param name="seen">Given each message that was read, once.</param>
/// <param name="mapping">Of <see cref="ReadMessage"/>.</param>
internal sealed class FolderReading(FolderProgress progress, Action<ReadMessage> seen, int mapping = 0)
{
    /// <summary>How many messages are read at a time.</summary>
    public const int Page = 1000;

    // Of each page, what was read of it.
    private readonly List<UidSet> _pages = [];
    private readonly Isolation _summaries = new();
    private readonly IsolatingFetch _fetches = new();
    private readonly HashSet<Uid> _unreadable = [];
    private FolderState? _state;
    private long _read;

    /// <summary>As it was when the folder was opened; unknown before.</summary>
    public UidValidity UidValidity => _state?.UidValidity ?? default;

    /// <summary>Asks what messages say, too.</summary>
    public bool Parts { get; set; }

    /// <summary>Asks what tells whether a message was rewritten, too; null where it does not.</summary>
    public RewriteTolerance? Tolerance { get; init; }

    /// <summary>Which of these messages are not to be read: left out by rule. Each is asked about once.</summary>
    public Func<IMailSource, IReadOnlyList<MessageSummary>, CancellationToken, Task<IReadOnlySet<Uid>>>? LeftOutAsync { get; init; }

    /// <summary>Messages that were left out by rule.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Asked before each page; it may take its time. Where it says no, reading ends.</summary>
    public Func<CancellationToken, Task<bool>> MayContinueAsync { get; init; } = _ => Task.FromResult(true);

    /// <summary>Why the folder may hold more than was read; null where it does not.</summary>
    public MailException? Limited { get; private set; }

    /// <summary>Listed, and not returned.</summary>
    public IReadOnlySet<Uid> Unreadable => _unreadable;

    /// <summary>Rises with all that was achieved.</summary>
    public long ProgressVersion => Interlocked.Read(ref _read) + _summaries.Narrowed + _fetches.Isolation.Narrowed;

    /// <summary>Reads what was not read before.</summary>
    public async Task ReadAsync(IMailSource mailbox, FolderPath folder, CancellationToken stop)
    {
        _unreadable.Clear();
        foreach (var page in (await OpenAsync(mailbox, folder, stop)).Chunk(Page))
        {
            if (!await MayContinueAsync(stop))
                return;
            _unreadable.UnionWith(await ReadPageAsync(mailbox, page, stop));
        }
    }

    /// <returns>What was not read before.</returns>
    public async Task<UidSet> OpenAsync(IMailSource mailbox, FolderPath folder, CancellationToken stop)
    {
        var state = await mailbox.OpenAsync(folder, stop);
        if (
            _state is { } before
            && (
                !state.UidValidity.IsKnown
                || before.UidValidity != state.UidValidity
                || Checkpoints.HighWaterMark.Of(before).IsAheadOf(state)
            )
        )
            throw new MailException(
                Reason.FolderRecreated,
                $"{folder}: the server recreated, renumbered or restored the folder while it was read."
            );
        _state = state;
        Limited = LimitedView.Of(mailbox.Provider, folder, state);
        var listed = await mailbox.ListUidsAsync(1, stop);
        return listed.Except(UidSet.Of(_pages.SelectMany(known => known.Ranges)));
    }

    /// <param name="uids">Of the open folder, ascending.</param>
    /// <returns>Those that are listed, and were not returned.</returns>
    public async Task<IReadOnlyCollection<Uid>> ReadPageAsync(IMailSource mailbox, IReadOnlyList<Uid> uids, CancellationToken stop)
    {
        if (uids.Count == 0)
            return [];
        var read = new HashSet<Uid>();
        try
        {
            return await ReadAsync(mailbox, uids, read, stop);
        }
        finally
        {
            _pages.Add(UidSet.Of(read));
        }
    }

    /// <param name="read">Gets those that were read, even where it fails.</param>
    private async Task<IReadOnlyCollection<Uid>> ReadAsync(
        IMailSource mailbox,
        IReadOnlyList<Uid> uids,
        HashSet<Uid> read,
        CancellationToken stop
    )
    {
        var summaries = new Dictionary<Uid, MessageSummary>();
        await _summaries.AskAsync(
            uids,
            async some =>
            {
                foreach (var summary in await mailbox.FetchSummariesAsync(some, stop))
                    summaries[summary.Uid] = summary;
            }
        );
        if (LeftOutAsync is not null)
        {
            var left = await LeftOutAsync(mailbox, [.. summaries.Values.OrderBy(summary => summary.Uid)], stop);
            LeftOut += left.Count;
            read.UnionWith(left);
            uids = [.. uids.Where(uid => !left.Contains(uid))];
            if (uids.Count == 0)
                return [];
        }
        void Add(Uid uid, ContentId content, long size, MessageParts? parts, MessageTraits? traits)
        {
            // Nothing where there should be something is what some servers give for a message that they cannot read.
            if (!summaries.TryGetValue(uid, out var summary) || (size == 0 && summary.Size > 0) || !read.Add(uid))
                return;
            var dated = summary.Origin != ReceivedDateSource.Now;
            seen(
                new ReadMessage(mapping, uid, content, size, summary.Flags, summary.InternalDate, dated) { Parts = parts, Traits = traits }
            );
            Interlocked.Increment(ref _read);
            progress.Captured(size);
        }
        var (_, unreadable) = await _fetches.RunAsync(
            mailbox,
            uids,
            uid => !read.Contains(uid),
            MessageSizes.Any,
            Tolerance is { } tolerance
                    ? tolerance.Reader((uid, content, size, parts, traits) => Add(uid, content, size, Parts ? parts : null, traits))
                : Parts
                    ? new FingerprintHasher((uid, says) => Add(uid, says.Exact, says.Length, says.Parts, null), parts: true, empty: true)
                : new HashingSink((uid, content, _, size) => Add(uid, content, size, null, null)),
            stop
        );
        // Gone since it was listed, or not returned: only the second is something to report.
        return [.. unreadable.Select(message => message.Uid)];
    }
}
