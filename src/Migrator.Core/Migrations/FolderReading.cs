using Migrator.Core.Failures;
using Migrator.Core.Fetching;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>Reads every message of one folder at one end, to compare it. What was read is kept when a connection is lost: an attempt reads
/// only what is left, or a large folder on a poor line would never be through.</summary>
internal sealed class FolderReading(FolderProgress progress)
{
    private const int Chunk = 1000;

    private readonly Dictionary<Uid, ReadMessage> _messages = [];
    private readonly Isolation _summaries = new();
    private readonly IsolatingFetch _fetches = new();
    private readonly HashSet<Uid> _unreadable = [];
    private FolderState? _state;
    private long _read;

    /// <summary>One message as this end has it.</summary>
    /// <param name="Dated">The date is that of the message, and not of the moment because it has none.</param>
    public readonly record struct ReadMessage(Uid Uid, ContentId Content, long Size, FlagSet Flags, DateTimeOffset Date, bool Dated)
    {
        /// <summary>What it says; null where that is not asked for.</summary>
        public MessageParts? Parts { get; init; }
    }

    /// <summary>Asks what messages say, too.</summary>
    public bool Parts { get; set; }

    /// <summary>Why the folder may hold more than was read; null where it does not.</summary>
    public MailException? Limited { get; private set; }

    public IReadOnlyDictionary<Uid, ReadMessage> Messages => _messages;

    /// <summary>Listed, and not returned.</summary>
    public IReadOnlySet<Uid> Unreadable => _unreadable;

    /// <summary>Rises with all that was achieved.</summary>
    public long ProgressVersion => Interlocked.Read(ref _read) + _summaries.Narrowed + _fetches.Isolation.Narrowed;

    public async Task ReadAsync(IMailSource mailbox, FolderPath folder, CancellationToken stop)
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
        _unreadable.Clear();
        var listed = await mailbox.ListUidsAsync(1, stop);
        foreach (var chunk in listed.Where(uid => !_messages.ContainsKey(uid)).Chunk(Chunk))
            await ReadAsync(mailbox, chunk, stop);
    }

    private async Task ReadAsync(IMailSource mailbox, IReadOnlyList<Uid> uids, CancellationToken stop)
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
        var (_, unreadable) = await _fetches.RunAsync(
            mailbox,
            uids,
            uid => !_messages.ContainsKey(uid),
            MessageSizes.Any,
            Parts
                ? new FingerprintHasher((uid, read) => Add(summaries, uid, read.Exact, read.Length, read.Parts), parts: true, empty: true)
                : new HashingSink((uid, content, _, size) => Add(summaries, uid, content, size, null)),
            stop
        );
        // Gone since it was listed, or not returned: only the second is something to report.
        _unreadable.UnionWith(unreadable.Select(message => message.Uid));
    }

    private void Add(Dictionary<Uid, MessageSummary> summaries, Uid uid, ContentId content, long size, MessageParts? parts)
    {
        // Nothing where there should be something is what some servers give for a message that they cannot read.
        if (!summaries.TryGetValue(uid, out var summary) || (size == 0 && summary.Size > 0))
            return;
        _messages[uid] = new ReadMessage(uid, content, size, summary.Flags, summary.InternalDate, summary.Origin != ReceivedDateSource.Now)
        {
            Parts = parts,
        };
        Interlocked.Increment(ref _read);
        progress.Captured(size);
    }
}
