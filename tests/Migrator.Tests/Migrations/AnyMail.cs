using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Migrator.Tests.Migrations;

/// <summary>Messages of any bytes, with what mail, IMAP and line ends make hard more often than chance would.</summary>
internal static class AnyMail
{
    private static readonly string[] s_pieces =
    [
        "\r\n",
        "\r\n\r\n",
        "Subject: ",
        "From ",
        ": ",
        ".",
        "\r",
        "\t",
        " ",
        "--b",
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "Message-ID: <x@y>\r\n",
        "é",
        "\u00ff",
        "=?utf-8?",
        "{3+}",
        "* OK",
        ")",
    ];

    public static readonly Gen<byte[]> Bytes = Gen.OneOf(
            Gen.Elements(s_pieces).Select(Encoding.Latin1.GetBytes),
            Gen.Choose(1, 255).Where(value => value != '\n').Select(value => new[] { (byte)value }),
            Gen.Choose(1, 3000).Select(length => Encoding.Latin1.GetBytes(new string('w', length)))
        )
        .ListOf()
        .Select(pieces => pieces.SelectMany(piece => piece).ToArray())
        // Dovecot drops a CR that stands before CRLF or at the very end when it stores a message.
        .Where(message => message.Length > 0 && message[^1] != '\r' && message.AsSpan().IndexOf("\r\r"u8) < 0);
}
