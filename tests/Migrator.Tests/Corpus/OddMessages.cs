using System.Text;

namespace Migrator.Tests.Corpus;

/// <summary>Odd but real messages: each kind has broken some tool that moves mail.</summary>
public static class OddMessages
{
    private const string Headers =
        "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\nMessage-ID: "
        + "<m1@example.org>\r\nSubject: Hello\r\n";

    /// <summary>One of 30 MB, made when asked for.</summary>
    public static OddMessage Huge =>
        new(
            "30 MB",
            [.. Bytes(Headers + "\r\n"), .. Enumerable.Repeat(Bytes(new string('x', 76) + "\r\n"), 403_300).SelectMany(line => line)]
        );

    public static IReadOnlyList<OddMessage> All { get; } =
    [
        new("identical twin, first", Bytes(Headers + "\r\ntwin\r\n"), "\\Seen", Date("2020-02-02T02:02:02Z")),
        new("identical twin, second", Bytes(Headers + "\r\ntwin\r\n"), "\\Flagged", Date("2020-02-02T02:02:02Z")),
        new(
            "identical twin, third, same flags and date as the first",
            Bytes(Headers + "\r\ntwin\r\n"),
            "\\Seen",
            Date("2020-02-02T02:02:02Z")
        ),
        new("same Message-ID, other content", Bytes(Headers + "\r\nnot the twin\r\n")),
        new("same Message-ID and size, other content", Bytes(Headers + "\r\nTWIN\r\n"), "\\Seen", Date("2020-02-02T02:02:02Z")),
        new("no Message-ID", Bytes("From: a@example.org\r\nSubject: x\r\n\r\nbody\r\n")),
        new("empty Message-ID", Bytes("From: a@example.org\r\nMessage-ID: \r\n\r\nbody\r\n")),
        new("Message-ID twice", Bytes("Message-ID: <a@b>\r\nMessage-ID: <c@d>\r\n\r\nbody\r\n")),
        new("no headers", Bytes("\r\njust a body\r\n")),
        new("no body", Bytes(Headers + "\r\n")),
        new("no blank line", Bytes(Headers)),
        new("one header without line end", Bytes("Subject: x")),
        new("only a blank line", Bytes("\r\n")),
        new("one byte", Bytes("x")),
        new("blank lines first", Bytes("\r\n\r\n\r\n" + Headers + "\r\nbody\r\n")),
        new("no final line end", Bytes(Headers + "\r\nbody without end")),
        new("many final line ends", Bytes(Headers + "\r\nbody" + Repeat("\r\n", 50))),
        new("blanks at line ends", Bytes(Headers + "X-Blank: a   \t \r\n\r\nbody   \r\n\t\r\n")),
        new("mbox From line first", Bytes("From ann@example.org Mon Jan  1 10:00:00 2024\r\n" + Headers + "\r\nbody\r\n")),
        new("mbox From line first, quoted", Bytes(">From ann@example.org Mon Jan  1 10:00:00 2024\r\n" + Headers + "\r\nbody\r\n")),
        new("From at line starts in the body", Bytes(Headers + "\r\nFrom here\r\n>From there\r\n>>From afar\r\n")),
        new("bare CR in a header", Bytes("Subject: a\rb\r\n\r\nbody\r\n")),
        new("bare CR in the body", Bytes(Headers + "\r\na\rb\r\rc\r\n")),
        new("CR CR LF", Bytes(Headers + "\r\na\r\r\nb\r\r\n")),
        new("LF line ends on disk", Bytes(Headers.Replace("\r\n", "\n") + "\nbody\nmore\n"), OnDisk: true),
        new("mixed line ends on disk", Bytes("Subject: x\r\nFrom: a@b\n\nbody\r\nmore\nend"), OnDisk: true),
        new("NUL in a header, on disk", [.. Bytes("Subject: a"), 0, .. Bytes("b\n\nbody\n")], OnDisk: true),
        new("NUL in the body, on disk", [.. Bytes(Headers.Replace("\r\n", "\n") + "\nbody"), 0, 0, .. Bytes("end\n")], OnDisk: true),
        new(
            "control characters",
            [
                .. Bytes(Headers + "\r\n"),
                .. Enumerable.Range(1, 31).Where(code => code is not (10 or 13)).Select(code => (byte)code),
                .. Bytes("\x7f\r\n"),
            ]
        ),
        new("raw 8-bit header", [.. Bytes("Subject: caf"), 0xE9, .. Bytes("\r\n\r\nbody\r\n")]),
        new("raw 8-bit header name", [.. Bytes("X-"), 0xFC, .. Bytes(": y\r\n\r\nbody\r\n")]),
        new("UTF-8 headers", Encoding.UTF8.GetBytes("From: Jürgen <jürgen@exämple.org>\r\nSubject: Grüße 🎉\r\n\r\nbody\r\n")),
        new("invalid UTF-8", [.. Bytes("Subject: "), 0xC3, 0x28, 0xFF, 0xFE, .. Bytes("\r\n\r\n"), 0xED, 0xA0, 0x80, .. Bytes("\r\n")]),
        new("Windows-1252 body without charset", [.. Bytes(Headers + "\r\n"), 0x80, 0x93, 0x94, 0x9F, .. Bytes("\r\n")]),
        new(
            "UTF-16 body",
            [
                .. Bytes(Headers + "Content-Type: text/plain; charset=utf-16\r\n\r\n"),
                .. Encoding.Unicode.GetBytes("wide").Select(value => value == 0 ? (byte)1 : value),
                .. Bytes("\r\n"),
            ]
        ),
        new("unknown charset", Bytes(Headers + "Content-Type: text/plain; charset=klingon-8\r\n\r\nbody\r\n")),
        new("broken encoded words", Bytes("Subject: =?utf-8?B?not base64!?= =?x?Q?=\r\nFrom: =?utf-8?Q?=ZZ?= <a@b>\r\n\r\nbody\r\n")),
        new("line of 200 KB in the body", Bytes(Headers + "\r\n" + new string('y', 200_000) + "\r\n")),
        new("line of 200 KB in a header", Bytes("X-Long: " + new string('z', 200_000) + "\r\n\r\nbody\r\n")),
        new("header name of 5 KB", Bytes(new string('N', 5_000) + ": x\r\n\r\nbody\r\n")),
        new("Subject of 6 KB", Bytes("Subject: " + new string('s', 6_000) + "\r\n\r\nbody\r\n")),
        new("folded Subject of 100 KB", Bytes("Subject: " + Repeat("word\r\n ", 15_000) + "end\r\n\r\nbody\r\n")),
        new("1,000 headers", Bytes(string.Concat(Enumerable.Range(0, 1000).Select(n => $"X-{n}: {n}\r\n")) + "\r\nbody\r\n")),
        new(
            "1,000 References",
            Bytes("References:" + string.Concat(Enumerable.Range(0, 1000).Select(n => $"\r\n <{n}@example.org>")) + "\r\n\r\nbody\r\n")
        ),
        new("line without colon among headers", Bytes("Subject: x\r\nthis is no header\r\nFrom: a@b\r\n\r\nbody\r\n")),
        new("odd folding", Bytes("Subject: a\r\n\tb\r\n \r\n c\r\n:\r\n : x\r\nFrom: a@b\r\n\r\nbody\r\n")),
        new("headers twice", Bytes("Subject: one\r\nSubject: two\r\nFrom: a@b\r\nFrom: c@d\r\nDate: x\r\nDate: y\r\n\r\nbody\r\n")),
        new("absurd Date", Bytes("Date: Thu, 99 Foo 99999 25:61:61 +9999\r\n\r\nbody\r\n")),
        new(
            "X-TUID and other tools' marks",
            Bytes(Headers + "X-TUID: abcdefghijkl\r\nX-OfflineIMAP: 1\r\nStatus: RO\r\nX-Keywords: a b\r\nX-UID: 7\r\n\r\nbody\r\n")
        ),
        new("dots alone on lines", Bytes(Headers + "\r\n.\r\n..\r\n...\r\n.x\r\n")),
        new("IMAP in the body", Bytes(Headers + "\r\n* 1 EXISTS\r\n) UID 5 {3}\r\nA0001 OK done\r\n+ go on\r\n")),
        new(
            "multipart without closing boundary",
            Bytes(Headers + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo")
        ),
        new(
            "multipart with the wrong boundary",
            Bytes(Headers + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--c\r\n\r\none\r\n--c--\r\n")
        ),
        new("multipart without boundary", Bytes(Headers + "Content-Type: multipart/mixed\r\n\r\n--c\r\n\r\none\r\n--c--\r\n")),
        new(
            "multipart with preamble and epilogue",
            Bytes(
                Headers
                    + "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\npre\r\n\r\n--b\r\n\r\none\r\n--b--\r\n\r\nepilogue without end"
            )
        ),
        new(
            "multipart nested 100 deep",
            Bytes(
                Headers
                    + "Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
                    + string.Concat(
                        Enumerable.Range(0, 100).Select(n => $"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n")
                    )
                    + "deep\r\n"
            )
        ),
        new(
            "nested message/rfc822",
            Bytes(
                Headers
                    + "Content-Type: message/rfc822\r\n\r\n"
                    + Headers
                    + "Content-Type: message/rfc822\r\n\r\nFrom: inner\r\n\r\ninnermost"
            )
        ),
        new(
            "multipart/signed, odd blanks",
            Bytes(
                Headers
                    + "Content-Type: multipart/signed; boundary=s; "
                    + "protocol=\"application/pgp-signature\"\r\n\r\n--s\r\nContent-Type: text/plain \r\n\r\nsigned  "
                    + "\r\n\t\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP "
                    + "SIGNATURE-----\r\nx\r\n--s--\r\n"
            )
        ),
        new("base64 that is none", Bytes(Headers + "Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n====\r\nYWJj\r\n")),
        new("quoted-printable that is none", Bytes(Headers + "Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ =\r\n=\r\n==3D\r\n")),
        new("unknown transfer encoding", Bytes(Headers + "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n`\r\nend\r\n")),
        new("empty parameter and type", Bytes(Headers + "Content-Type: ;;=;charset\r\nContent-Disposition:\r\n\r\nbody\r\n")),
        new("all system flags", Bytes(Headers + "X: all\r\n\r\nbody\r\n"), "\\Answered \\Flagged \\Deleted \\Seen \\Draft"),
        new("several keywords", Bytes(Headers + "X: kw\r\n\r\nbody\r\n"), "$Forwarded NonJunk $MDNSent Label-1 a.b:c/d \\Seen"),
        new("long keyword", Bytes(Headers + "X: lkw\r\n\r\nbody\r\n"), "Keyword-" + new string('k', 40)),
        new("date 1970", Bytes(Headers + "X: 1970\r\n\r\nbody\r\n"), "", Date("1970-01-02T00:00:01Z")),
        new("date before 2001", Bytes(Headers + "X: 1999\r\n\r\nbody\r\n"), "", Date("1999-12-31T23:59:59Z")),
        new("date with a far offset", Bytes(Headers + "X: tz\r\n\r\nbody\r\n"), "", Date("2010-06-15T12:34:56+12:45")),
        new("date in summer time's gap", Bytes(Headers + "X: gap\r\n\r\nbody\r\n"), "", Date("2022-03-27T02:30:00+01:00")),
        new("date 2030", Bytes(Headers + "X: 2030\r\n\r\nbody\r\n"), "", Date("2030-12-31T23:59:59Z")),
    ];

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static DateTimeOffset Date(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
