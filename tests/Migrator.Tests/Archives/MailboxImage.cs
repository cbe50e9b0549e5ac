using Migrator.Core.Mail;

namespace Migrator.Tests.Archives;

/// <summary>All that can be reported of a mailbox, as lines that can be compared.</summary>
internal static class MailboxImage
{
    public static async Task<IReadOnlyList<string>> TakeAsync(IMailSource source, CancellationToken stop)
    {
        var lines = new List<string>();
        foreach (
            var folder in (await source.ListFoldersAsync(stop))
                .OrderBy(folder => !folder.Path.IsInbox)
                .ThenBy(folder => folder.Path.ToString(), StringComparer.Ordinal)
        )
        {
            lines.Add(
                $"{folder.Path} {folder.Use} {(folder.Selectable ? "" : "not selectable ")}{(folder.Subscribed ? "subscribed" : "")}"
            );
            if (!folder.Selectable)
                continue;
            var state = await source.OpenAsync(folder.Path, stop);
            lines.Add($"  UIDVALIDITY {state.UidValidity}, UIDNEXT {state.UidNext}, {state.Count}, {folder.State?.Count}");
            var uids = await source.ListUidsAsync(1, stop);
            var summaries = (await source.FetchSummariesAsync(uids, stop)).ToDictionary(summary => summary.Uid);
            var contents = new Contents();
            await source.FetchAsync(uids, contents, stop);
            lines.AddRange(
                uids.Select(uid =>
                    $"  {uid}: {contents.Of(uid)} {summaries[uid].Size} {summaries[uid].InternalDate:yyyy-MM-dd HH:mm:ss zzz} "
                    + $"{summaries[uid].Flags}"
                )
            );
        }
        return lines;
    }

    public static void ShouldEqual(IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        if (!expected.SequenceEqual(actual))
            throw new InvalidDataException(
                $"Missing:\n{string.Join('\n', expected.Except(actual).Take(20))}\nToo "
                    + $"much:\n{string.Join('\n', actual.Except(expected).Take(20))}\n(of {expected.Count} and {actual.Count} lines)"
            );
    }

    private sealed class Contents : IContentSink
    {
        private readonly Dictionary<Uid, ContentId> _ids = [];

        // A message that does not come is one that differs.
        public string Of(Uid uid) => _ids.TryGetValue(uid, out var id) ? id.ToString() : "nothing";

        public Stream Open(Uid? uid, long size) => new MemoryStream();

        public ValueTask CompleteAsync(Uid uid, Stream content, ReceivedDate? arrival, CancellationToken cancellationToken)
        {
            _ids.Add(uid, ContentId.Of(((MemoryStream)content).ToArray()));
            return default;
        }
    }
}
