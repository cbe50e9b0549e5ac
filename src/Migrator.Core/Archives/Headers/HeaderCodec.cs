using Migrator.Core.Mail;

namespace Migrator.Core.Archives.Headers;

/// <summary>The bytes of header segments: objects with the records of up to 1,024 messages. docs/archive-format.md is the
/// reference.</summary>
public static class HeaderCodec
{
    /// <summary>Records in a segment, at most.</summary>
    public const int MostRecords = 1024;

    /// <summary>A segment ends with the record with which it has so many bytes.</summary>
    internal const int Full = 1 << 20;

    /// <summary>What has more bytes is not a segment.</summary>
    internal const int MaxLength = 2 << 20;

    private const byte CutRecord = 1;
    private const byte CutField = 0x80;

    public static void Write(BinaryWriter writer, HeaderRecord record)
    {
        writer.Write(record.Content.ToArray());
        writer.Write7BitEncodedInt64(record.Size);
        writer.Write(record.Cut ? CutRecord : (byte)0);
        writer.Write7BitEncodedInt(record.Fields.Count);
        foreach (var field in record.Fields)
        {
            writer.Write((byte)((byte)field.Field | (field.Cut ? CutField : 0)));
            writer.Write7BitEncodedInt(field.Bytes.Length);
            writer.Write(field.Bytes.Span);
        }
    }

    /// <summary>The records of a segment. Their fields are parts of <paramref name="segment"/>; those of kinds that this version does not
    /// know are left out.</summary>
    /// <exception cref="InvalidDataException">This is not a segment.</exception>
    public static IReadOnlyList<HeaderRecord> Read(ReadOnlyMemory<byte> segment)
    {
        if (segment.Length > MaxLength)
            throw new InvalidDataException("a segment of headers is too long");
        var (records, at) = (new List<HeaderRecord>(), 0);
        while (at < segment.Length)
        {
            var content = new ContentId(Take(segment, ref at, ContentId.Length).Span);
            var size = Number(segment.Span, ref at);
            var cut = (Take(segment, ref at, 1).Span[0] & CutRecord) != 0;
            var count = Number(segment.Span, ref at);
            // Each takes two bytes: bounded by what is there before anything is made for it.
            if (count > (segment.Length - at) / 2)
                throw new InvalidDataException("a segment of headers is cut short");
            var fields = new List<HeaderValue>();
            for (; count > 0; count--)
            {
                var code = Take(segment, ref at, 1).Span[0];
                var bytes = Take(segment, ref at, Number(segment.Span, ref at));
                var field = (HeaderField)(code & ~CutField);
                if (Enum.IsDefined(field))
                    fields.Add(new HeaderValue(field, bytes, (code & CutField) != 0));
            }
            records.Add(new HeaderRecord(content, size, fields, cut));
            if (records.Count > MostRecords)
                throw new InvalidDataException("a segment of headers has too many records");
        }
        return records;
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> segment, ref int at, long count)
    {
        if (count > segment.Length - at)
            throw new InvalidDataException("a segment of headers is cut short");
        var taken = segment.Slice(at, (int)count);
        at += (int)count;
        return taken;
    }

    /// <returns>Not negative.</returns>
    private static long Number(ReadOnlySpan<byte> segment, ref int at)
    {
        long number = 0;
        for (var shift = 0; shift < 63 && at < segment.Length; shift += 7)
        {
            var value = segment[at++];
            number |= (long)(value & 0x7F) << shift;
            if ((value & 0x80) == 0)
                return number;
        }
        throw new InvalidDataException("a number in a segment of headers has no end");
    }
}
