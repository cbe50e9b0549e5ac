using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>The bytes of pages. What identifies messages and what changes all the time, their flags, are pages of their
/// own: a night of reading mail writes no identity again. docs/archive-format.md is the reference.</summary>
internal static class PageCodec
{
    /// <summary>Messages in a page that is written, at most. Readers take four times as many.</summary>
    public const int Most = 1024;

    // A message in an identity page takes so many bytes, or more.
    private const int ShortestEntry = 1 + ContentId.Length + 1 + sizeof(long) + sizeof(short) + 1;

    /// <param name="messages">Ascending by UID.</param>
    public static byte[] Identity(IReadOnlyList<ArchivedMessage> messages)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        Uid before = 0;
        foreach (var message in messages)
        {
            writer.Write7BitEncodedInt64(message.Uid.Value - before.Value);
            before = message.Uid;
            writer.Write(message.Content.ToArray());
            writer.Write7BitEncodedInt64(message.Size);
            writer.Write(message.Date.ToUnixTimeSeconds());
            writer.Write((short)message.Date.Offset.TotalMinutes);
            writer.Write((byte)(message.Origin is { } origin ? (int)origin + 1 : 0));
        }
        return bytes.ToArray();
    }

    /// <summary>The distinct sets of flags, then the number of its set for each message of an identity page.</summary>
    /// <param name="flags">Null for a message that is gone: its page stays, because to write that again costs a hundred times as
    /// much.</param>
    public static byte[] Flags(IReadOnlyList<FlagSet?> flags)
    {
        // By their exact letters: sets that differ in case alone count as equal elsewhere, and must not be merged here.
        var sets = flags
            .OfType<FlagSet>()
            .Select(set => set.ToString())
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        var numbers = sets.Index().ToDictionary(set => set.Item, set => set.Index, StringComparer.Ordinal);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write7BitEncodedInt(sets.Count);
        foreach (var set in sets)
            writer.Write(set);
        foreach (var set in flags)
            writer.Write7BitEncodedInt(set is null ? sets.Count : numbers[set.ToString()!]);
        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">These are no such pages, or do not belong together.</exception>
    public static List<ArchivedMessage> Read(byte[] identity, byte[] flags)
    {
        var (messages, there) = (ReadIdentity(identity), 0);
        var sets = ReadFlags(flags, messages.Count);
        for (var place = 0; place < messages.Count; place++)
        {
            if (sets[place] is { } set)
                messages[there++] = messages[place] with { Flags = set };
        }
        messages.RemoveRange(there, messages.Count - there);
        return messages;
    }

    /// <summary>The flags of each message of an identity page; null for one that is gone.</summary>
    /// <param name="count">Messages of the identity page, those that are gone too.</param>
    /// <exception cref="InvalidDataException">This is no such page, or belongs to another one.</exception>
    public static FlagSet?[] ReadFlags(byte[] flags, int count)
    {
        try
        {
            using var marks = new BinaryReader(new MemoryStream(flags), Encoding.UTF8);
            var sets = new FlagSet[marks.Read7BitEncodedInt()];
            for (var index = 0; index < sets.Length; index++)
                sets[index] = FlagSet.Parse(marks.ReadString());
            var all = new FlagSet?[count];
            for (var place = 0; place < count; place++)
            {
                var number = marks.Read7BitEncodedInt();
                all[place] = number == sets.Length ? null : sets[number];
            }
            return marks.BaseStream.Position == flags.Length
                ? all
                : throw new InvalidDataException("a page of flags does not belong to its page of identities");
        }
        catch (Exception exception) when (IsOfOtherBytes(exception))
        {
            throw new InvalidDataException("a page cannot be read", exception);
        }
    }

    /// <summary>Which messages a page holds, and no more of them: of a folder of a million messages, to make records of all takes most of
    /// the time that it takes to read its pages.</summary>
    /// <param name="uids">Gets those that are not gone.</param>
    /// <param name="contents">Gets what they are; null where nobody asks.</param>
    /// <returns>How many messages the identity page has, those that are gone too; and the bytes of the others together.</returns>
    /// <exception cref="InvalidDataException">These are no such pages, or do not belong together.</exception>
    public static (int Total, long Bytes) Scan(byte[] identity, byte[] flags, ICollection<Uid> uids, ICollection<ContentId>? contents)
    {
        try
        {
            var marks = new PageBytes(flags);
            var sets = marks.Number();
            for (var set = 0L; set < sets; set++)
                marks.Skip(marks.Number());
            var ids = new PageBytes(identity);
            var (uid, total, bytes) = (0u, 0, 0L);
            for (; !ids.AtEnd; total++)
            {
                uid += (uint)ids.Number();
                var content = ids.Take(ContentId.Length);
                var size = ids.Number();
                ids.Skip(sizeof(long) + sizeof(short) + 1);
                var number = marks.Number();
                if (number == sets)
                    continue;
                if (number > sets)
                    throw new InvalidDataException("a page names flags that it does not have");
                uids.Add(uid);
                contents?.Add(new ContentId(content));
                bytes += size;
            }
            return marks.AtEnd
                ? (total, bytes)
                : throw new InvalidDataException("a page of flags does not belong to its page of identities");
        }
        catch (Exception exception) when (IsOfOtherBytes(exception))
        {
            throw new InvalidDataException("a page cannot be read", exception);
        }
    }

    /// <summary>All messages of an identity page, without their flags; those that are gone too.</summary>
    /// <exception cref="InvalidDataException">This is no such page.</exception>
    public static List<ArchivedMessage> ReadIdentity(byte[] identity)
    {
        try
        {
            using var ids = new BinaryReader(new MemoryStream(identity));
            // Of its final length from the beginning: while it grew, it would take three times as much.
            var messages = new List<ArchivedMessage>(identity.Length / ShortestEntry);
            for (Uid uid = 0; ids.BaseStream.Position < identity.Length; )
            {
                uid = new Uid(uid.Value + (uint)ids.Read7BitEncodedInt64());
                messages.Add(
                    new ArchivedMessage(
                        uid,
                        new ContentId(ids.ReadBytes(ContentId.Length)),
                        ids.Read7BitEncodedInt64(),
                        DateTimeOffset.FromUnixTimeSeconds(ids.ReadInt64()).ToOffset(TimeSpan.FromMinutes(ids.ReadInt16())),
                        ids.ReadByte() is > 0 and var origin ? (ReceivedDateSource)(origin - 1) : null,
                        FlagSet.None
                    )
                );
            }
            return messages;
        }
        catch (Exception exception) when (IsOfOtherBytes(exception))
        {
            throw new InvalidDataException("a page cannot be read", exception);
        }
    }

    /// <summary>A page of what a source without UIDs knows its messages by.</summary>
    public static byte[] Keys(IReadOnlyList<UidMapEntry> entries)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        foreach (var entry in entries)
        {
            writer.Write(entry.Uid.Value);
            writer.Write(entry.FirstSeen.ToUnixTimeSeconds());
            writer.Write(entry.Key);
        }
        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">This is no such page.</exception>
    public static IReadOnlyList<UidMapEntry> ReadKeys(byte[] page)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(page), Encoding.UTF8);
            var entries = new List<UidMapEntry>();
            while (reader.BaseStream.Position < page.Length)
            {
                var (uid, seconds) = (reader.ReadUInt32(), reader.ReadInt64());
                entries.Add(new UidMapEntry(reader.ReadString(), uid, DateTimeOffset.FromUnixTimeSeconds(seconds)));
            }
            return entries;
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("a page of keys cannot be read", exception);
        }
    }

    private static bool IsOfOtherBytes(Exception exception) =>
        exception is EndOfStreamException or FormatException or ArgumentException or IndexOutOfRangeException or OverflowException;
}
