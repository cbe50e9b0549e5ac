using Migrator.Core.Mail;

namespace Migrator.Core.Backups;

/// <summary>Some messages that are to be fetched, in the fewest bytes: of a new folder with a million messages, all are known before the
/// first is fetched, and each would take a hundred bytes.</summary>
internal sealed class WantedMessages
{
    private readonly byte[] _bytes;
    private readonly FlagSet[] _flags;

    /// <param name="summaries">Ascending by UID.</param>
    public WantedMessages(IReadOnlyList<MessageSummary> summaries)
    {
        // By their exact letters: sets that differ in case alone count as equal elsewhere.
        var sets = new Dictionary<string, int>(StringComparer.Ordinal);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        Uid before = 0;
        foreach (var summary in summaries)
        {
            writer.Write7BitEncodedInt64(summary.Uid.Value - before.Value);
            before = summary.Uid;
            writer.Write7BitEncodedInt64(summary.Size);
            writer.Write(summary.InternalDate.Ticks);
            writer.Write((short)summary.InternalDate.Offset.TotalMinutes);
            writer.Write((byte)(summary.Origin is { } origin ? (int)origin + 1 : 0));
            var text = summary.Flags.ToString();
            if (!sets.TryGetValue(text, out var number))
                sets.Add(text, number = sets.Count);
            writer.Write7BitEncodedInt(number);
        }
        (_bytes, _flags, Count) = (
            bytes.ToArray(),
            [.. sets.OrderBy(set => set.Value).Select(set => FlagSet.Parse(set.Key))],
            summaries.Count
        );
    }

    public int Count { get; }

    /// <returns>All of them, without what was odd about them.</returns>
    public IEnumerable<MessageSummary> Read()
    {
        using var reader = new BinaryReader(new MemoryStream(_bytes));
        Uid uid = 0;
        for (var left = Count; left > 0; left--)
        {
            uid = uid.Value + (uint)reader.Read7BitEncodedInt64();
            var size = reader.Read7BitEncodedInt64();
            var date = new DateTimeOffset(reader.ReadInt64(), TimeSpan.FromMinutes(reader.ReadInt16()));
            ReceivedDateSource? origin = reader.ReadByte() is > 0 and var known ? (ReceivedDateSource)(known - 1) : null;
            yield return new MessageSummary(uid, size, _flags[reader.Read7BitEncodedInt()], date) { Origin = origin };
        }
    }
}
