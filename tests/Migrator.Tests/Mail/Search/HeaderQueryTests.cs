using System.Text;
using Migrator.Core.Archives.Headers;
using Migrator.Core.Mail;
using Migrator.Mail.Search;
using Xunit;

namespace Migrator.Tests.Mail.Search;

/// <summary>Which headers a search finds.</summary>
public sealed class HeaderQueryTests
{
    private const string Letter =
        "From: =?utf-8?q?J=C3=B6rg_Stra=C3=9Fe?= <joerg@old.example>\r\nSender: office@old.example\r\nTo: ann@old.example,\r\n "
        + "bob@old.example\r\nCc: carol@old.example\r\n"
        + "Bcc: dave@old.example\r\nReply-To: erin@old.example\r\nSubject: =?iso-8859-1?q?R=E9sum=E9_?=\r\n "
        + "=?iso-8859-1?q?und_Rechnung?= for\r\n\t2026\r\nMessage-ID:\r\n <One.2@old.example>\r\n\r\n";

    public static TheoryData<string, string, bool> Queries =>
        new()
        {
            { "text", "rechnung", true },
            { "text", "resume und", true },
            { "text", "RÉSUMÉ", true },
            { "text", "résumé UND RECHNUNG for 2026", true },
            { "text", "Re\u0301sume\u0301", true },
            { "text", "strasse", true },
            { "text", "STRASSE", true },
            { "text", "erin@", true },
            { "text", "dave", true },
            { "text", "one.2@old", true },
            { "text", "nobody", false },
            { "text", "utf-8", false },
            { "from", "jorg", true },
            { "from", "office", true },
            { "from", "ann@", false },
            { "from", "joerg@old.example", true },
            { "to", "bob", true },
            { "to", "carol", true },
            { "to", "dave", true },
            { "to", "erin", false },
            { "to", "jorg", false },
            { "subject", "resume", true },
            { "subject", "ann", false },
            { "id", "<One.2@old.example>", true },
            { "id", "one.2@old.example", true },
            { "id", "one.2", false },
        };

    [Theory]
    [MemberData(nameof(Queries))]
    public void A_message_is_found_by_what_a_person_reads_in_it(string kind, string text, bool found)
    {
        var query = new HeaderQuery(
            kind == "text" ? text : null,
            kind == "from" ? text : null,
            kind == "to" ? text : null,
            kind == "subject" ? text : null,
            kind == "id" ? text : null
        );

        Assert.Equal(found, query.Match(Record(Letter)) is not null);
    }

    [Fact]
    public void All_that_is_asked_must_hold()
    {
        Assert.NotNull(new HeaderQuery("rechnung", "jorg", "bob", "2026", null).Match(Record(Letter)));
        Assert.Null(new HeaderQuery("rechnung", "jorg", "bob", "2027", null).Match(Record(Letter)));
        Assert.True(new HeaderQuery(null, null, null, null, null).IsEmpty);
        Assert.NotNull(new HeaderQuery(null, null, null, null, null).Match(Record("")));
    }

    [Fact]
    public void Headers_are_shown_decoded()
    {
        var headers = MessageHeaders.Of(Record(Letter));

        Assert.Equal(("Jörg Straße <joerg@old.example>", "Résumé und Rechnung for\t2026"), (headers.From, headers.Subject));
        Assert.Null(headers.Date);
    }

    [Theory]
    [InlineData("Subject: caf\u00c3\u00a9\r\n\r\n", "cafe")]
    [InlineData("Subject: caf\u00e9\r\n\r\n", "cafe")]
    [InlineData("Subject: =?utf-8?b?4omIIHLDqXN1?= broken =?utf-8?q?=ZZ?= =?nonsense?x?y?=\r\n\r\n", "resu")]
    [InlineData("subject:NOSPACE\n\n", "nospace")]
    public void Headers_that_are_not_as_they_should_be_are_found(string letter, string text) =>
        Assert.NotNull(new HeaderQuery(text, null, null, null, null).Match(Record(letter)));

    /// <summary>Anyone who writes a message decides what is decoded.</summary>
    [Fact]
    public void No_header_is_more_than_can_be_decoded()
    {
        var random = new Random(9);
        for (var number = 0; number < 5000; number++)
        {
            var hostile = new StringBuilder("Subject: ");
            for (var part = 0; part < 8; part++)
                hostile.Append(
                    random.Next(6) switch
                    {
                        0 => "=?utf-8?b?",
                        1 => "=?utf-7?q?+2AA-",
                        2 => "?=",
                        3 => "=?iso-2022-jp?b?GyRC",
                        4 => ((char)random.Next(1, 256)).ToString().Replace('\n', ' '),
                        _ => "4p2k",
                    }
                );
            Assert.NotNull(new HeaderQuery(null, null, null, null, null).Match(Record($"{hostile}\r\nFrom: {hostile}\r\n\r\n")));
            new HeaderQuery("x", null, null, null, null).Match(Record($"{hostile}\r\n\r\n"));
        }
    }

    private static HeaderRecord Record(string letter)
    {
        var bytes = Encoding.Latin1.GetBytes(letter);
        return HeaderSplitter.Split(ContentId.Of(bytes), bytes.Length, bytes, HeaderLimits.Kept);
    }
}
