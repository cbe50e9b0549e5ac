using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Migrator.Core.Reports;

namespace Migrator.Core.Migrations;

/// <summary>Looks whether the target has what was delivered as it was sent: flags, date and size, and the content where the target may have
/// changed it. What differs is recorded.</summary>
internal sealed class Inspection(FolderCopyState folder, IMailTarget target)
{
    private readonly IMailboxCheckpoint _checkpoint = folder.Run.Checkpoint;

    /// <summary>What is known of one message at the target.</summary>
    /// <param name="Refused">The target lists it, and says nothing of it.</param>
    private sealed record Look(DueInspection Due, MessageSummary? There, bool Refused)
    {
        public MessageRecord Record => Due.Record;

        public FlagSet? Flags { get; set; } = There?.Flags;

        /// <summary>What the target stores, where that is not what was sent.</summary>
        public ContentId? Altered { get; set; }

        public string? ContentDetail { get; set; }

        /// <summary>It lies in the target's trash or spam, as well as in the folder.</summary>
        public bool Trashed { get; set; }

        /// <summary>The target had it before: its content is read, whatever its size.</summary>
        public bool Earlier { get; set; }

        /// <summary>It was removed while it was inspected: some servers still say something of it until the folder is reopened.</summary>
        public bool Gone { get; set; }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (folder.Uninspected.Count == 0)
            return;
        var looks = await LookAsync(cancellationToken);
        await FindEarlierAsync(looks, cancellationToken);
        await CompareContentAsync(looks, cancellationToken);
        await AddFlagsAsync(looks, cancellationToken);

        var found = looks.ConvertAll(look => (look.Record, Differences: Differences(look).ToList(), look.Altered));
        // What differs may be other mail: then nothing of it must be kept.
        if (found.Exists(message => message.Differences.Exists(difference => RecordedDifferences.IsLasting(difference.Kind))))
            await folder.OpenTargetAsync(target, cancellationToken);
        // Recorded before it is reported: the next run has no reason to look again, and a lost connection begins again.
        await _checkpoint.WriteAsync(
            folder.Folder.Id,
            [
                .. found.Select(message =>
                    RecordedDifferences.Inspected(message.Record, message.Differences) with
                    {
                        TargetContent = message.Altered ?? message.Record.TargetContent,
                    }
                ),
            ],
            cancellationToken
        );
        foreach (var (record, differences, _) in found)
        {
            folder.TargetDiffers |= differences.Exists(difference => RecordedDifferences.IsLasting(difference.Kind));
            foreach (var (kind, actual) in differences)
                folder.Run.Findings.Add(folder.Differs(record, kind, actual));
        }
        folder.Uninspected.Clear();
    }

    private async Task<List<Look>> LookAsync(CancellationToken cancellationToken)
    {
        List<Uid> uids = [.. folder.Uninspected.Select(due => due.Record.TargetUid.Uid).Distinct().Order()];
        var there = new Dictionary<Uid, MessageSummary>();
        var refused = await FetchSummariesAsync(uids, there, cancellationToken);
        if (there.Count < uids.Count)
        {
            await folder.OpenTargetAsync(target, cancellationToken);
            refused = await FetchSummariesAsync([.. uids.Where(uid => !there.ContainsKey(uid))], there, cancellationToken);
        }
        return folder.Uninspected.ConvertAll(due => new Look(
            due,
            there.GetValueOrDefault(due.Record.TargetUid.Uid),
            refused.Contains(due.Record.TargetUid.Uid)
        ));
    }

    private Task<IReadOnlyList<Uid>> FetchSummariesAsync(
        IReadOnlyList<Uid> uids,
        Dictionary<Uid, MessageSummary> there,
        CancellationToken cancellationToken
    ) =>
        folder.TargetSummaries.AskAsync(
            uids,
            async some =>
            {
                foreach (var summary in await target.FetchSummariesAsync(some, cancellationToken))
                    there[summary.Uid] = summary;
            }
        );

    private async Task FindEarlierAsync(List<Look> looks, CancellationToken cancellationToken)
    {
        if (folder.Run.Earlier is not { Any: true } earlier)
            return;
        var there = looks.Where(look => look.There is not null && !look.Due.IsCopy).ToLookup(look => look.Record.TargetUid.Uid);
        List<Uid> uids = [.. there.Select(group => group.Key).Order()];
        foreach (var (uid, trashed) in await earlier.FindAsync(folder.Mapping.Target, target, uids, cancellationToken))
        {
            foreach (var look in there[uid])
                (look.Earlier, look.Trashed) = (true, trashed);
        }
        foreach (var look in looks.Where(look => earlier.IsSentTwice(look.Due.MessageId)))
            look.Earlier = true;
        await folder.OpenTargetAsync(target, cancellationToken);
    }

    /// <summary>Some servers estimate sizes: another size is only a reason to read.</summary>
    private async Task CompareContentAsync(List<Look> looks, CancellationToken cancellationToken)
    {
        var wanted = looks
            .Where(look =>
                look.There is { } there && (look.Due.ReadBack || look.Earlier || (look.Due.SizeTells && there.Size != look.Record.Size))
            )
            .ToLookup(look => look.Record.TargetUid.Uid);
        var read = new HashSet<Uid>();
        var refused = await folder.TargetFetches.AskAsync(
            [.. wanted.Select(group => group.Key).Order()],
            some =>
                target.FetchAsync(
                    [.. some.Where(uid => !read.Contains(uid))],
                    folder.TargetRewrites
                        ? new FingerprintHasher((uid, copy) => Seen(uid, copy.Exact, copy.Length, copy.Parts), parts: true)
                        : new HashingSink((uid, content, _, size) => Seen(uid, content, size, null)),
                    cancellationToken
                )
        );

        var silent = wanted.SelectMany(group => group).Where(look => !read.Contains(look.Record.TargetUid.Uid)).ToList();
        if (silent.Count == 0)
            return;
        await folder.OpenTargetAsync(target, cancellationToken);
        var listed = await target.ListUidsAsync(silent.Min(look => look.Record.TargetUid.Uid), cancellationToken);
        foreach (var look in silent)
            look.Gone = !listed.Contains(look.Record.TargetUid.Uid);
        foreach (var look in silent)
            look.ContentDetail = refused.Contains(look.Record.TargetUid.Uid)
                ? "the target fails to return it"
                : "the target lists it but sends nothing";

        void Seen(Uid uid, ContentId content, long size, MessageParts? parts)
        {
            read.Add(uid);
            foreach (var look in wanted[uid].Where(look => look.Record.Content != content && !IsKnown(look.Record, content)))
            {
                var differences =
                    parts is null ? []
                    : look.Due.Parts is { } sent ? parts.Differences(sent).ToList()
                    : ["perhaps all"];
                if (parts is not null && differences.Count == 0)
                    folder.NoticeParts();
                else
                    (look.Altered, look.ContentDetail) = (
                        content,
                        $"{size:N0} bytes, sha256 {content}" + (parts is null ? "" : $"; what differs: {string.Join(", ", differences)}")
                    );
            }
        }

        // One that differs in flags alone was recognized before it was inspected (FlagFields): its content is recorded.
        static bool IsKnown(MessageRecord record, ContentId content) =>
            record.State == MessageState.Unchecked && record.TargetContent == content;
    }

    /// <summary>Only of what is confirmed to be the same message: a flag must never get to somebody else's.</summary>
    private async Task AddFlagsAsync(List<Look> looks, CancellationToken cancellationToken)
    {
        var due = looks
            .Where(look => MayAddFlags(look) && look is { ContentDetail: null, There: not null } && look.Flags != look.Record.Flags)
            .ToList();
        foreach (
            var alike in due.GroupBy(look => target.FilterPermanentFlags(look.Record.Flags.Except(look.Flags!.Value)))
                .Where(group => !group.Key.IsEmpty)
        )
        {
            List<Uid> uids = [.. alike.Select(look => look.Record.TargetUid.Uid).Distinct().Order()];
            var refused = await folder.TargetFlags.AskAsync(
                uids,
                some => target.StoreFlagsAsync(TargetUid.Of(some), alike.Key, FlagSet.None, cancellationToken),
                mayGiveUp: false
            );
            await folder.TargetFlags.AskAsync(
                refused,
                some => target.StoreFlagsAsync(TargetUid.Of(some), alike.Key.System, FlagSet.None, cancellationToken),
                mayGiveUp: false
            );
            var now = new Dictionary<Uid, FlagSet>();
            await folder.TargetFlags.AskAsync(
                uids,
                async some =>
                {
                    foreach (var (uid, flags) in await target.FetchFlagsAsync(some, 0, cancellationToken))
                        now[uid] = flags;
                }
            );
            foreach (var look in alike.Where(look => now.ContainsKey(look.Record.TargetUid.Uid)))
                look.Flags = now[look.Record.TargetUid.Uid];
        }
    }

    /// <summary>A flag that the target takes after the append alone may not have got there when a connection ended between the
    /// two.</summary>
    private bool MayAddFlags(Look look) =>
        look.Due.AddFlags || (target.Provider.StoresFlagsAfterAppend && look.Record.State == MessageState.Unchecked);

    private static IEnumerable<(DifferenceKind Kind, string Actual)> Differences(Look look)
    {
        var record = look.Record;
        if (look.There is not { } there || look.Gone)
        {
            if (look.Refused)
                yield return (DifferenceKind.Content, "the target fails to return it");
            else
                yield return (DifferenceKind.Missing, "no longer listed: removed or moved at the target meanwhile");
            yield break;
        }
        if (look.Trashed)
            yield return (DifferenceKind.Trashed, EarlierCopies.InTrash);
        if (look.ContentDetail is { } detail)
            yield return (DifferenceKind.Content, detail);
        if (look.Flags != record.Flags)
            yield return (DifferenceKind.Flags, look.Flags!.Value.ToString());
        if (there.InternalDate.ToUnixTimeSeconds() != record.InternalDate.ToUnixTimeSeconds())
            yield return (DifferenceKind.InternalDate, FolderCopyState.Text(there.InternalDate));
    }
}
