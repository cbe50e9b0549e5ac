using System.Text;
using Migrator.Core.Archives;
using Migrator.Core.Mail;

namespace Migrator.Tests.Archives;

/// <summary>Which pages a folder has, worked out from all of its messages at once: the rules in the fewest lines, with no regard for
/// memory.</summary>
internal sealed class PageModel
{
    private const int Most = 1024;

    private readonly Dictionary<ContentId, List<ArchivedMessage>> _identities = [];

    /// <param name="messages">All of the folder, ascending by UID.</param>
    /// <param name="before">The pages of the snapshot before.</param>
    public IReadOnlyList<SnapshotPage> Write(IReadOnlyList<ArchivedMessage> messages, IReadOnlyList<SnapshotPage> before)
    {
        var (parts, next) = (new List<(SnapshotPage? Page, List<ArchivedMessage> Messages)>(), 0);
        foreach (var page in before)
        {
            var slice = messages.Skip(next).TakeWhile(message => message.Uid <= page.LastUid).ToList();
            next += slice.Count;
            if (slice.Count > 0)
                parts.Add((Again(page, slice), slice));
        }
        if (next < messages.Count)
            parts.Add((null, [.. messages.Skip(next)]));
        return
        [
            .. Joined(parts)
                .SelectMany(part =>
                    part.Page is { } page
                        ? [page]
                        : part
                            .Messages.Chunk(Most)
                            .Select(chunk => new SnapshotPage(
                                IdentityOf(chunk),
                                FlagsOf(chunk.Select(message => (FlagSet?)message.Flags)),
                                chunk[^1].Uid,
                                chunk.Length
                            ))
                ),
        ];
    }

    private SnapshotPage? Again(SnapshotPage page, List<ArchivedMessage> slice)
    {
        var known = _identities[page.Identity];
        var now = slice.ToDictionary(message => message with { Flags = FlagSet.None }, message => message.Flags);
        if (!now.Keys.All(known.Contains) || slice.Count * 4 < known.Count * 3)
            return null;
        return page with
        {
            Flags = FlagsOf(known.Select(message => now.TryGetValue(message, out var flags) ? flags : (FlagSet?)null)),
            Count = slice.Count,
        };
    }

    private static List<(SnapshotPage? Page, List<ArchivedMessage> Messages)> Joined(
        List<(SnapshotPage? Page, List<ArchivedMessage> Messages)> parts
    )
    {
        var joined = new List<(SnapshotPage? Page, List<ArchivedMessage> Messages)>();
        foreach (var part in parts)
        {
            var last = part;
            while (
                last.Page is null
                && joined is [.., var before]
                && (before.Page is null || before.Messages.Count <= 2 * last.Messages.Count)
                && before.Messages.Count + last.Messages.Count <= Most
            )
            {
                last = (null, [.. before.Messages, .. last.Messages]);
                joined.RemoveAt(joined.Count - 1);
            }
            joined.Add(last);
        }
        return joined;
    }

    private ContentId IdentityOf(IReadOnlyList<ArchivedMessage> messages)
    {
        var id = Written(writer =>
        {
            var before = 0u;
            foreach (var message in messages)
            {
                writer.Write7BitEncodedInt64(message.Uid.Value - before);
                before = message.Uid.Value;
                writer.Write(message.Content.ToArray());
                writer.Write7BitEncodedInt64(message.Size);
                writer.Write(message.Date.ToUnixTimeSeconds());
                writer.Write((short)message.Date.Offset.TotalMinutes);
                writer.Write((byte)0);
            }
        });
        _identities[id] = [.. messages.Select(message => message with { Flags = FlagSet.None })];
        return id;
    }

    private static ContentId FlagsOf(IEnumerable<FlagSet?> flags)
    {
        var all = flags.Select(set => set?.ToString()).ToList();
        var sets = all.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return Written(writer =>
        {
            writer.Write7BitEncodedInt(sets.Count);
            sets.ForEach(writer.Write);
            foreach (var set in all)
                writer.Write7BitEncodedInt(set is null ? sets.Count : sets.IndexOf(set));
        });
    }

    private static ContentId Written(Action<BinaryWriter> write)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        write(writer);
        return ContentId.Of(bytes.ToArray());
    }
}
