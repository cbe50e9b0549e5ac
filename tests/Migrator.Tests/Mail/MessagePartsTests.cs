using System.Text;
using Migrator.Core.Mail;
using Migrator.Tests.Corpus;
using Migrator.Tests.Providers.Simulation;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>What a message says is the same in whatever form, and whatever it says otherwise is found.</summary>
public sealed class MessagePartsTests
{
    private const string Header =
        "From: \"Ann (home)\" <Ann@Example.org>\r\nTo: bob@example.org, \"C, D\" <c@example.org>\r\n"
        + "Date: Mon, 1 Jan 2024 10:00:00 +0100\r\nMessage-ID: <m1@example.org>\r\nSubject: Gr=?utf-8?Q?=C3=BC?=\r\n";

    /// <summary>What is no proper MIME can be read in several ways: where the server reads it in another one, that is named.</summary>
    private static readonly string[] s_readOtherwise =
    [
        "UTF-8 headers: From",
        "UTF-16 body: text",
        "broken encoded words: Subject",
        "headers twice: From",
        "multipart without boundary: attachments",
        "quoted-printable that is none: text",
        "unknown transfer encoding: text",
        "empty parameter and type: text, attachments",
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_odd_messages_that_a_server_can_rewrite_each_says_what_it_said(int turn) =>
        Assert.Equal(
            s_readOtherwise,
            OddMessages
                .All.Where(message => ExchangeMime.Read(message.Bytes) is not null)
                .Select(message =>
                    (message.Name, Differences: Of(ExchangeMime.Rewrite(message.Bytes, turn)).Differences(Of(message.Bytes)).ToList())
                )
                .Where(message => message.Differences.Count > 0)
                .Select(message => $"{message.Name}: {string.Join(", ", message.Differences)}")
        );

    [Theory]
    [InlineData("=?iso-8859-1?Q?Gr=FC?=", "=?utf-8?B?R3LDvA==?=")]
    [InlineData("=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC?=", "Gr\u00fc")]
    [InlineData("a  b\r\n\tc", "a b c")]
    public void A_subject_is_the_same_in_every_encoding(string one, string other) =>
        Assert.Equal(Of($"Subject: {one}\r\n\r\n").Subject, Of($"Subject: {other}\r\n\r\n").Subject);

    [Theory]
    [InlineData("Mon, 1 Jan 2024 10:00:00 +0100", "1 Jan 2024 09:00 GMT")]
    [InlineData("Mon, 01 Jan 24 04:00:00 EST (East)", "1 Jan 2024 09:00:00 +0000")]
    public void A_date_is_the_same_in_every_zone(string one, string other) =>
        Assert.Equal(Of($"Date: {one}\r\n\r\n").Date ?? default, Of($"Date: {other}\r\n\r\n").Date);

    [Theory]
    [InlineData(
        "",
        "text/plain",
        "1 < 2 & \u00e4",
        "text/html",
        "<title>t</title><p>1 &lt;\r\n2 &amp; &auml;<!-- > --></p><style>p</style>"
    )]
    [InlineData("quoted-printable", "text/plain; charset=iso-8859-1", "one=\r\n two =E4", "text/plain; charset=utf-8", "one two \u00e4")]
    [InlineData("base64", "text/plain; charset=utf-8", "b25lIA\r\n==", "text/html", "<b>one</b>")]
    public void A_text_is_the_same_in_every_encoding_and_in_HTML(string encoding, string type, string text, string otherType, string other)
    {
        var (one, two) = (
            Of($"{Header}Content-Type: {type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{text}\r\n"),
            Of($"{Header}Content-Type: {otherType}\r\n\r\n{other}")
        );
        Assert.Equal(Assert.Single(one.Texts).Text, Assert.Single(two.Texts).Text);
        Assert.True(one.SaysAllOf(two) && two.SaysAllOf(one));
    }

    [Theory]
    [InlineData("Ann@Example.org", "eve@example.org", "From")]
    [InlineData("bob@", "rob@", "To")]
    [InlineData("10:00:00", "10:00:01", "Date")]
    [InlineData("Subject: Gr", "Subject: Tr", "Subject")]
    [InlineData("m1@", "m2@", "Message-ID")]
    [InlineData("plain text 1.5", "plain text 15", "text")]
    [InlineData("inner text", "inner", "text")]
    [InlineData("AAECAwQ=", "AAECAwU=", "attachments")]
    [InlineData("application/pdf", "text/calendar", "attachments")]
    public void What_differs_is_named(string old, string @new, string named)
    {
        const string body =
            "Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\npreamble\r\n--a b\r\nContent-Type: text/plain\r\n\r\nplain text 1.5\r\n"
            + "--a b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n--a b\r\nContent-Type: application/pdf\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\nAAECAwQ=\r\n--a b--\r\nepilogue\r\n";
        var (sent, stored) = (Of(Header + body), Of((Header + body).Replace(old, @new, StringComparison.Ordinal)));

        Assert.Equal([named], stored.Differences(sent));
        Assert.Empty(Of(Header + body.Replace("a b", "c", StringComparison.Ordinal)).Differences(sent));
    }

    [Fact]
    public void Of_alternatives_one_is_enough_and_a_text_that_is_not_there_is_missed()
    {
        var both = Of(
            $"{Header}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n"
                + "<p>rich</p>\r\n--b--\r\n"
        );

        Assert.True(Of($"{Header}\r\nplain").SaysAllOf(both));
        Assert.False(Of($"{Header}\r\nneither").SaysAllOf(both));
        Assert.False(Of($"{Header}\r\nsomething").SaysAllOf(Of($"{Header}\r\n")));
    }

    /// <summary>Whatever the pieces in which bytes come, and however long their lines are.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8192)]
    public async Task Pieces_make_no_difference(int size)
    {
        var message = Encoding.ASCII.GetBytes($"{Header}X: {new string('y', 30_000)}\r\n\r\n{new string('x', 20_000)}\r\nend\r\n");
        var (whole, pieces) = (Of(message), default(MessageParts?));
        var hasher = new FingerprintHasher((_, read) => pieces = read.Parts, parts: true);
        var stream = hasher.Open(null, message.Length);
        foreach (var piece in message.Chunk(size))
            await stream.WriteAsync(piece, TestContext.Current.CancellationToken);

        await hasher.CompleteAsync(1, stream, null, TestContext.Current.CancellationToken);

        Assert.Equal((whole.MessageId, whole.Texts[0]), (pieces!.MessageId, pieces.Texts[0]));
        Assert.NotNull(whole.MessageId);
    }

    private static MessageParts Of(string message) => Of(Encoding.UTF8.GetBytes(message));

    private static MessageParts Of(byte[] message) => MessageFingerprint.Of(new MemoryStream(message), parts: true).Parts!;
}
