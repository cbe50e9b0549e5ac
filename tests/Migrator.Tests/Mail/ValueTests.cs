using System.Reflection;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>The small values that everything else rests on.</summary>
public sealed class ValueTests
{
    [Fact]
    public void Any_folder_path_survives_its_text_form() =>
        Prop.ForAll(
                Gen.Elements('a', '/', '\\', ' ', '語', '.', '%')
                    .NonEmptyListOf()
                    .Select(letters => new string([.. letters]))
                    .NonEmptyListOf()
                    .ToArbitrary(),
                names =>
                {
                    var path = new FolderPath([.. names]);
                    return FolderPath.Parse(path.ToString()) == path && FolderPath.Parse(path.ToString()).Names.SequenceEqual(names);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void INBOX_has_no_case_and_others_do()
    {
        Assert.Equal(FolderPath.Inbox, FolderPath.Parse("inBox"));
        Assert.Equal("INBOX/Sub", FolderPath.Parse("Inbox/Sub").ToString());
        Assert.NotEqual(FolderPath.Parse("Work"), FolderPath.Parse("work"));
        Assert.Throws<FormatException>(() => FolderPath.Parse("a//b"));
    }

    [Theory]
    [InlineData("Status: RO\r\n", true)]
    [InlineData("X-Mozilla-Status: 0001\r\nX-Mozilla-Status2: 00000000\r\n", true)]
    [InlineData("X-Keywords: a\r\n b\r\n\tc\r\nCONTENT-LENGTH: 7\r\n", true)]
    [InlineData("Statuses: RO\r\n", false)]
    [InlineData("X-Mozilla-Status3-of-a-long-name: 1\r\n", false)]
    [InlineData("Status\r\n", false)]
    [InlineData(" Status: RO\r\n", false)]
    public void Without_flags_a_message_is_the_same_however_it_comes(string fields, bool same)
    {
        const string message = "From: a\r\nSubject: b\r\n{0}To: c\r\n\r\nStatus: body\r\n";
        var without = string.Format(null, message, "");
        var with = string.Format(null, message, fields);

        Assert.Equal(same, Hash(with, 1000) == Hash(without, 1000));
        for (var piece = 1; piece < 20; piece++)
            Assert.Equal(Hash(with, 1000), Hash(with, piece));
        // Nothing else may differ: neither line ends nor a NUL nor a line end at the end.
        foreach (
            var other in new[]
            {
                without.Replace("\r\n", "\n"),
                without + "\r\n",
                without.Replace("body", "b\0dy"),
                without.Replace("Subject: b", "Subject:  b"),
                without.Replace("\r\n\r\n", "\r\n \r\n"),
            }
        )
            Assert.NotEqual(Hash(without, 1000), Hash(other, 1000));

        static ContentId Hash(string text, int piece)
        {
            var hash = default(ContentId);
            var hasher = new FingerprintHasher((_, fingerprint) => hash = fingerprint.WithoutFlags);
            var stream = hasher.Open(1, text.Length);
            foreach (var part in Encoding.Latin1.GetBytes(text).Chunk(piece))
                stream.Write(part);
            hasher.CompleteAsync(1, stream, null, default).AsTask().GetAwaiter().GetResult();
            return hash;
        }
    }

    [Fact]
    public void Flags_are_a_set_without_case_and_without_recent()
    {
        Assert.Equal(FlagSet.Parse("\\seen FOO bar"), FlagSet.Parse("Bar foo \\Recent \\SEEN foo"));
        Assert.Equal("\\Seen", FlagSet.Parse("\\sEEN").ToString());
        Assert.Equal(default, FlagSet.None);
        Assert.Equal(FlagSet.Parse("a"), FlagSet.Parse("a \\Seen").Except(FlagSet.Parse("\\SEEN")));
        Assert.NotEqual(FlagSet.Parse("a"), FlagSet.Parse("b"));
    }

    [Fact]
    public void Content_ids_are_SHA_256()
    {
        var id = ContentId.Of("abc"u8);

        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", id.ToString());
        Assert.Equal(id, new ContentId(id.ToArray()));
        Assert.Throws<ArgumentException>(() => new ContentId([1, 2, 3]));
    }

    [Theory]
    [InlineData("a\nb\n", "a\r\nb\r\n", true)]
    [InlineData("a\0b", "a\u0080b", true)]
    [InlineData("end", "end\r\n", true)]
    [InlineData("a\r\rb", "ab", true)]
    [InlineData("a\n\nb", "a\nb", false)]
    [InlineData("a b", "ab", false)]
    [InlineData("\n\na", "a", false)]
    public void The_canonical_hash_sees_through_what_servers_do_and_no_further(string sent, string stored, bool same)
    {
        static ContentId Hash(string text) => MessageFingerprint.Of(new MemoryStream(Encoding.Latin1.GetBytes(text))).Canonical;

        Assert.Equal(same, Hash(sent) == Hash(stored));
    }

    [Theory]
    [InlineData("A: 1\r\n\r\nbody\r\n", "X: 0\r\nA: 1\r\n\r\nbody", true)]
    [InlineData("A: 1\n\nbody\n", "A: 2\r\n\r\nbody\r\n", true)]
    [InlineData("\r\nbody", "A: 1\r\n\r\nbody", true)]
    [InlineData("A: 1\r\n\r\nbody", "A: 1\r\n\r\nother", false)]
    [InlineData("A: 1\r\n\r\n", "B: 1\r\n\r\n", false)]
    [InlineData("A: 1\r\n", "A: 1\r\n", false)]
    public void The_body_tells_where_the_header_was_changed(string sent, string stored, bool same)
    {
        static ContentId? Body(string text) => MessageFingerprint.Of(new MemoryStream(Encoding.Latin1.GetBytes(text))).Body;

        Assert.Equal(same, Body(sent) is { } body && body == Body(stored));
    }

    [Theory]
    [InlineData("Message-ID: <1@x>\r\n\r\nbody", "X-Added: 1\r\nMessage-ID:\r\n <1@x>\r\n\r\nother", true)]
    [InlineData("Message-ID: <1@x>\r\nSubject: a\r\n\r\nbody", "Message-ID: <2@x>\r\nSubject: a\r\n\r\nbody", false)]
    [InlineData("Subject: a\r\nFrom: b\r\n\r\nbody", "message-id: <added@x>\r\nFROM: b\r\nsubject: a\r\n\r\nbody", true)]
    [InlineData("Subject: a\r\nFrom: b\r\n\r\nbody", "Subject: a\r\nFrom: c\r\n\r\nbody", false)]
    [InlineData("Subject: a\r\n\r\nbody", "Date: today\r\nMessage-ID: <added@x>\r\nSubject: a\r\n\r\nbody", true)]
    [InlineData("Date: today\r\nSubject: a\r\n\r\nbody", "Subject: a\r\n\r\nbody", false)]
    [InlineData("Subject: a\r\nSubject: b\r\n\r\n", "Subject: a\r\n\r\n", true)]
    [InlineData("Message-ID : <1@x>\r\n\r\n", "Message-ID: <1@x>\r\n\r\n", true)]
    [InlineData("X: Message-ID: <1@x>\r\n\r\n", "Message-ID: <1@x>\r\n\r\n", false)]
    [InlineData("\r\nMessage-ID: <1@x>\r\n", "\r\nMessage-ID: <1@x>\r\n", false)]
    [InlineData("X: 1\r\n\r\nbody", "X: 1\r\n\r\nbody", false)]
    [InlineData("Message-ID: <1@x>", "Message-ID: <1@x>\r\n\r\nbody", true)]
    public void The_header_tells_which_message_it_is(string sent, string stored, bool same)
    {
        static MessageIdentity Identity(string text) => MessageFingerprint.Of(new MemoryStream(Encoding.Latin1.GetBytes(text))).Identity;

        Assert.Equal(same, Identity(stored).IsMadeOf(Identity(sent)));
    }

    [Fact]
    public void No_reason_is_left_out_of_the_list_and_each_has_a_code_of_its_own()
    {
        var made = typeof(Reason)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null))
            .OfType<Reason>()
            .ToList();

        Assert.Contains(Reason.MailRefused, made);
        Assert.Equivalent(made, Reason.All, strict: true);
        Assert.All(made, reason => Assert.Same(reason, Reason.Find(reason.Code)));
        Assert.Equal(made.Count, made.Select(reason => reason.Code).Distinct().Count());
        Assert.Null(Reason.Find("no-such-code"));
    }

    [Fact]
    public void A_path_that_is_deeper_than_any_mailbox_is_no_path()
    {
        Assert.Equal(FolderPath.Deepest, FolderPath.Parse(string.Join('/', Enumerable.Repeat("a", FolderPath.Deepest))).Names.Count);
        Assert.Throws<FormatException>(() => FolderPath.Parse(string.Join('/', Enumerable.Repeat("a", FolderPath.Deepest + 1))));
    }
}
