using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>What is copied of mail whose folders are labels: from the folder of all mail, the messages that no other copied folder shows.
/// Compared by the ids of messages, not by their labels: a folder may show less than has its label.</summary>
internal sealed class LabelledMail
{
    private const int Chunk = 5000;

    private readonly SortedDictionary<string, int> _hidden = new(StringComparer.Ordinal);
    private FolderPath? _all;
    private (UidValidity Validity, IReadOnlySet<Uid> Uids) _left;
    private bool _withoutAll;

    /// <summary>Why not all mail is where its labels say, or is copied at all; null where nothing is known of that. After
    /// <see cref="ReadAsync"/>.</summary>
    public MailException? Shortfall =>
        _withoutAll ? new MailException(Reason.AllMailHidden, "The source lists no folder of all mail.")
        : _hidden.Count == 0 ? null
        : new MailException(
            Reason.FolderShowsLess,
            string.Join(", ", _hidden.Select(folder => $"{folder.Key} ({folder.Value:N0} message{(folder.Value == 1 ? "" : "s")})"))
                + $": messages have the label, and no folder shows them. They are copied, without it, from {_all}."
        );

    /// <summary>The same sessions, in which the folder of all mail contains what is left of it.</summary>
    public MailboxEndpoints Of(MailboxEndpoints endpoints) =>
        endpoints with
        {
            OpenSource = async (uidMap, stop) =>
                await endpoints.OpenSource(uidMap, stop) is var source && source.HasLabels ? new LabelledSource(source, this) : source,
        };

    /// <summary>What is left of a folder; null where that is all of it.</summary>
    public (UidValidity Validity, IReadOnlySet<Uid> Uids)? LeftOf(FolderPath folder) => folder == _all ? _left : null;

    /// <summary>Finds out what is left. May be repeated after a failure.</summary>
    /// <param name="source">A session that <see cref="Of"/> has opened.</param>
    /// <returns>What was read of the other copied folders.</returns>
    public async Task<IReadOnlyList<FolderIds>> ReadAsync(IMailSource source, FolderPlan plan, CancellationToken stop)
    {
        _hidden.Clear();
        _all = null;
        var copied = plan.Mappings.Select(mapping => mapping.Source).ToList();
        if (!source.HasLabels || copied.Count == 0)
            return [];
        _withoutAll = !copied.Concat(plan.Excluded).Any(IsAll);
        // First of all: what gets a label meanwhile is in both, and not in none.
        var all = copied.Find(IsAll);
        var (state, uids, messages) = all is null ? default : await ReadAllAsync(source, all.Path, stop);
        var read = await FolderIds.ReadAsync(
            source,
            plan.Mappings.Where(mapping => mapping.Source.IsLabel && !IsAll(mapping.Source)),
            stop
        );
        if (all is null)
            return read;
        var shown = read.ToDictionary(
            folder => folder.Mapping.Source.Path,
            folder => folder.Messages.Select(message => message.Id).ToHashSet()
        );
        var elsewhere = shown.Values.SelectMany(ids => ids).ToHashSet();
        var covered = messages.Where(message => elsewhere.Contains(message.Id)).Select(message => message.Uid).ToHashSet();
        // A label that no folder shows is hidden by a setting of the account; as a keyword it is kept all the same.
        var listed = copied.Concat(plan.Excluded).Concat(plan.ShownElsewhere).Select(folder => folder.Path).ToHashSet();
        await FindHiddenAsync(
            source,
            all.Path,
            messages,
            (message, folder) =>
                shown.TryGetValue(folder, out var ids) ? !ids.Contains(message.Id) : !plan.LabelsAreKeywords && !listed.Contains(folder),
            stop
        );
        (_left, _all) = ((state.UidValidity, uids.Where(uid => !covered.Contains(uid)).ToHashSet()), all.Path);
        return read;
    }

    public static bool IsAll(MailFolder folder) => folder is { IsLabel: true, Use: SpecialUse.All };

    /// <param name="uids">Of the open folder.</param>
    public static async Task<IReadOnlyList<LabelledMessage>> LabelsAsync(
        IMailSource source,
        IReadOnlyList<Uid> uids,
        CancellationToken stop
    )
    {
        var messages = new List<LabelledMessage>(uids.Count);
        foreach (var chunk in uids.Chunk(Chunk))
            messages.AddRange(await source.FetchLabelsAsync(chunk, stop));
        return messages;
    }

    private static async Task<(FolderState State, IReadOnlyList<Uid> Uids, IReadOnlyList<LabelledMessage> Messages)> ReadAllAsync(
        IMailSource source,
        FolderPath folder,
        CancellationToken stop
    )
    {
        var state = await source.OpenAsync(folder, stop);
        var uids = await source.ListUidsAsync(1, stop);
        return (state, uids, await LabelsAsync(source, uids, stop));
    }

    /// <summary>A message may lose a label while folders are read: only what has it still, is not shown.</summary>
    private async Task FindHiddenAsync(
        IMailSource source,
        FolderPath all,
        IReadOnlyList<LabelledMessage> messages,
        Func<LabelledMessage, FolderPath, bool> isHidden,
        CancellationToken stop
    )
    {
        var doubtful = messages.Where(message => message.Folders.Any(folder => isHidden(message, folder))).Select(message => message.Uid);
        var asked = doubtful.ToList();
        if (asked.Count == 0)
            return;
        await source.OpenAsync(all, stop);
        foreach (var message in await LabelsAsync(source, asked, stop))
        {
            foreach (var folder in message.Folders.Where(folder => isHidden(message, folder)))
                _hidden[folder.ToString()] = _hidden.GetValueOrDefault(folder.ToString()) + 1;
        }
    }
}
