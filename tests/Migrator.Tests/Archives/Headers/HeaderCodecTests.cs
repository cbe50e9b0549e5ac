using System.Text;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Archives.Headers;

/// <summary>What is kept of headers, and what becomes of bytes that are not headers.</summary>
public sealed class HeaderCodecTests
{
    [Fact]
    public void Fields_are_kept_as_they_stand_in_the_message()
    {
        var record = Split(
            "FROM : a\r\nX-Other: no\r\n folded: no\r\nSubject: one\r\n\ttwo\r\n three\r\nto:\r\nCc: "
                + "caf\u00e9\nMessage-ID:<1@x>\r\n\r\nSubject: in the body\r\n"
        );

        Assert.Equal(["From= a", "Subject= one\r\n\ttwo\r\n three", "To=", "Cc= caf\u00e9", "MessageId=<1@x>"], Texts(record));
        Assert.False(record.Cut);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    [InlineData("\r\n\r\nSubject: in the body\r\n")]
    [InlineData("No header at all, and no line end")]
    [InlineData(":\r\n:\n\n")]
    public void What_has_no_header_has_no_fields(string message) =>
        Assert.Equal(
            ([], false),
            (Texts(Split(message)), Split(message).Cut),
            (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2 == b.Item2
        );

    [Fact]
    public void A_field_that_ends_with_the_message_is_whole() =>
        Assert.Equal(("Subject= x", false), (Texts(Split("Subject: x")).Single(), Split("Subject: x").Cut));

    [Fact]
    public void What_is_too_much_is_cut_and_says_so()
    {
        var long1 = Split($"To: {new string('a', 5000)}\r\nSubject: s\r\n\r\n");
        Assert.Equal(
            [(HeaderField.To, 4096, true), (HeaderField.Subject, 2, false)],
            long1.Fields.Select(field => (field.Field, field.Bytes.Length, field.Cut))
        );
        Assert.True(long1.Cut);

        var many = Split(string.Concat(Enumerable.Repeat($"To: {new string('a', 4000)}\r\n", 10)) + "Subject: s\r\n\r\n");
        Assert.Equal(HeaderLimits.Kept.Message, many.Fields.Sum(field => field.Bytes.Length));
        Assert.True(many.Cut);

        var fields = Split(string.Concat(Enumerable.Repeat("Cc: a\r\n", 1000)) + "\r\n");
        Assert.Equal((HeaderLimits.Fields, true), (fields.Fields.Count, fields.Cut));

        // The header continues behind what is examined.
        var late = Split($"From: a\r\nX-Long: {new string('x', 70_000)}\r\nSubject: late\r\n\r\n");
        Assert.Equal((1, true), (late.Fields.Count, late.Cut));
        var torn = Split($"X-Long: {new string('x', HeaderLimits.Kept.Head - 22)}\r\nSubject: late\r\n\r\n");
        Assert.True(torn.Fields.Single().Cut);
    }

    [Fact]
    public void What_is_written_is_read()
    {
        HeaderRecord[] records = [Split("From: a\r\nSubject: b\r\n c\r\n\r\n"), Split(""), Split($"To: {new string('a', 5000)}\r\n\r\n")];

        var read = HeaderCodec.Read(Bytes(records));

        Assert.Equal(
            records.Select(record => (record.Content, record.Size, record.Cut)),
            read.Select(record => (record.Content, record.Size, record.Cut))
        );
        Assert.Equal(records.SelectMany(Texts), read.SelectMany(Texts));
        Assert.Equal(
            records.SelectMany(record => record.Fields.Select(field => field.Cut)),
            read.SelectMany(record => record.Fields.Select(field => field.Cut))
        );
    }

    [Fact]
    public void A_kind_of_field_that_is_not_known_is_passed_over()
    {
        var bytes = Bytes(Split("From: a\r\nSubject: b\r\n\r\n"));
        var place = Array.LastIndexOf(bytes, (byte)HeaderField.Subject);
        bytes[place] = 99;

        Assert.Equal(["From= a"], Texts(Assert.Single(HeaderCodec.Read(bytes))));
    }

    /// <summary>Anyone who writes a plain archive writes what they like into it.</summary>
    [Fact]
    public void Bytes_that_are_no_segment_are_refused_and_take_no_memory()
    {
        var (bytes, random) = (Bytes(Split("From: a\r\nSubject: b\r\n\r\n"), Split("To: c\r\n\r\n")), new Random(5));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 20_000; number++)
        {
            byte[] hostile = [.. bytes];
            for (var count = random.Next(1, 5); count > 0; count--)
                hostile[random.Next(hostile.Length)] = (byte)random.Next(256);
            Read(hostile.AsMemory(0, random.Next(hostile.Length + 1)));
        }
        // A count of fields and lengths of 2^62; a number without an end; more than there may be.
        foreach (
            var tail in new byte[][]
            {
                [0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F],
                [0, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F],
                [.. Enumerable.Repeat((byte)0xFF, 20)],
            }
        )
            Assert.Throws<InvalidDataException>(() =>
                HeaderCodec.Read(
                    new byte[33]
                        .Concat(tail)
                        .ToArray()
                )
            );
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200 << 20);
        Assert.Throws<InvalidDataException>(() => HeaderCodec.Read(new byte[35 * (HeaderCodec.MostRecords + 1)]));
        Assert.Throws<InvalidDataException>(() => HeaderCodec.Read(new byte[3 << 20]));
    }

    private static void Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            HeaderCodec.Read(bytes);
        }
        catch (InvalidDataException)
        {
            // As it should be; anything else is not.
        }
    }

    private static HeaderRecord Split(string message)
    {
        var bytes = Encoding.Latin1.GetBytes(message);
        return HeaderSplitter.Split(
            ContentId.Of(bytes),
            bytes.Length,
            bytes.AsSpan(0, Math.Min(bytes.Length, HeaderLimits.Kept.Head)),
            HeaderLimits.Kept
        );
    }

    private static IEnumerable<string> Texts(HeaderRecord record) =>
        record.Fields.Select(field => $"{field.Field}={Encoding.Latin1.GetString(field.Bytes.Span)}");

    private static byte[] Bytes(params HeaderRecord[] records)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var record in records)
            HeaderCodec.Write(writer, record);
        return bytes.ToArray();
    }
}
