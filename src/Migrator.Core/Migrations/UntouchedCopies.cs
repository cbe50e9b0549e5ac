using Migrator.Core.Checkpoints;
using Migrator.Core.Fetching;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Looks whether copies of ours are as Migrator left them: in their place, with flags, date and content. Only such a copy may
/// be moved or removed (invariant 18).</summary>
/// <param name="forRemoval">A copy that is marked as <c>\Deleted</c> is untouched otherwise: by its user, or by a run that ended before the
/// server had expunged it.</param>
internal sealed class UntouchedCopies(IMailTarget target, bool forRemoval)
{
    private static readonly FlagSet s_deleted = new(["\\Deleted"]);

    private readonly Isolation _summaries = new();
    private readonly Isolation _fetches = new();

    /// <param name="records">Of copies in the open folder, all under its present UIDVALIDITY; each at another UID.</param>
    /// <param name="readsContent">Whether content is read of all of them, and not only where the size says that it may have
    /// changed.</param>
    /// <returns>Those that are still in the folder.</returns>
    public async Task<IReadOnlyList<CopyCondition>> ExamineAsync(
        IReadOnlyList<MessageRecord> records,
        bool readsContent,
        CancellationToken stop
    )
    {
        var byUid = records.ToDictionary(record => record.TargetUid.Uid);
        List<Uid> uids = [.. byUid.Keys.Order()];
        var there = new Dictionary<Uid, MessageSummary>();
        await _summaries.AskAsync(
            uids,
            async some =>
            {
                foreach (var summary in await target.FetchSummariesAsync(some, stop))
                    there[summary.Uid] = summary;
            },
            mayGiveUp: false
        );
        var listed = there.Count == uids.Count ? UidSet.Empty : await target.ListUidsAsync(uids[0], stop);
        var contents = await ContentIds.ReadAsync(
            target,
            _fetches,
            [.. uids.Where(uid => there.TryGetValue(uid, out var summary) && (readsContent || IsOfOtherSize(byUid[uid], summary)))],
            stop
        );
        return
        [
            .. uids.Where(uid => there.ContainsKey(uid) || listed.Contains(uid))
                .Select(uid => new CopyCondition(
                    byUid[uid],
                    there.TryGetValue(uid, out var summary)
                        ? Change(byUid[uid], summary, contents.TryGetValue(uid, out var content) ? content : null, readsContent)
                        : "the target lists it and says nothing of it"
                )),
        ];
    }

    /// <summary>Of a server that stores messages in its own form, no size is known that it should have.</summary>
    private bool IsOfOtherSize(MessageRecord record, MessageSummary summary) =>
        !target.Provider.RewritesMessages && summary.Size != record.Size;

    private string? Change(MessageRecord record, MessageSummary now, ContentId? content, bool readsContent)
    {
        var flags = target.FilterPermanentFlags(record.Flags);
        if (now.Flags != flags && !(forRemoval && now.Flags.Except(s_deleted) == flags))
            return $"its flags were changed: ({now.Flags}) instead of ({flags})";
        if (
            now.InternalDate.ToUnixTimeSeconds() != record.InternalDate.ToUnixTimeSeconds()
            && !RecordedDifferences.Had(record, DifferenceKind.InternalDate)
        )
            return "it has another date";
        var expected = record.TargetContent ?? (target.Provider.RewritesMessages ? null : record.Content);
        if (expected is null || (content is null && !readsContent && !IsOfOtherSize(record, now)))
            return null;
        return content is null ? "its content cannot be read"
            : content != expected ? "it has other content"
            : null;
    }
}
