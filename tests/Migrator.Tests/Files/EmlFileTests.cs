using System.IO.Compression;
using System.Text;
using Migrator.Core.Mail;
using Migrator.Files;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>What is not mail, or is mail in a wrapping, is distinguished from mail by its bytes.</summary>
public sealed class EmlFileTests : IDisposable
{
    private const string Mail = "From: ann@example.org\r\nSubject: x\r\n\r\nbody\r\n";

    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    public static TheoryData<string, byte[], string> NoMail =>
        new()
        {
            { "1.eml", [], "it is empty (0 bytes)" },
            { "1.EML", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0], "it is an Outlook message" },
            { "1.msg", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0], "it is an Outlook message" },
            { "1.eml", [.. "BZh91AY&SY"u8, 1, 2, 3], "compressed with bzip2" },
            { "1.eml", [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "compressed with xz" },
            { "1.eml", [.. "PK\x3\x4"u8, 1, 2], "a ZIP archive" },
            {
                "1.eml",
                [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Subject: Gr\u00fc\u00dfe\r\n\r\nx\r\n")],
                "UTF-16 with characters beyond ASCII"
            },
            { "1.eml", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Mail), 65], "ends in the middle of a character" },
            { "1.emlx", [.. "Subject: x\n\nx\n"u8], "does not begin with a number of bytes" },
            { "1.emlx", [.. "99        \nSubject: x\n\nx\n"u8], "it is cut short" },
            {
                "1.emlx",
                [.. "11        \nSubject: x\n\nDear all,\nthis is the text\n<?xml version=\"1.0\"?><plist></plist>\n"u8],
                "the message does not end there"
            },
            {
                "1.emlx",
                [.. "52        \nSubject: x\n\nbody\n<?xml version=\"1.0\"?><plist></plist>\n"u8],
                "the message does not end there"
            },
            {
                "1.eml",
                Encoding.ASCII.GetBytes($"From a@b Tue Mar  3 09:10:11 2015\n{Mail}\nFrom a@b Tue Mar  3 09:10:12 2015\n{Mail}"),
                "it contains several messages"
            },
            { "1.eml", [0xFF, 0xFE, 0, 0, .. Encoding.UTF32.GetBytes(Mail)], "it is UTF-32" },
            { "1.eml", [.. "CRYPTED\x03\x07"u8, 1, 2], "it is encrypted by Dovecot" },
            { "1.eml", [0x1F, 0x9D, 0x90, 1], "compress (.Z)" },
            { "1.eml", Packed(Packed(Encoding.ASCII.GetBytes(Mail))), "it is compressed twice" },
            { "1.eml", Packed([.. "%PDF-1.4"u8]), "it is a PDF document" },
            { "1.eml", new byte[2000], "it has no header and is not text" },
            { "1.eml", [0x89, .. "PNG\r\n\x1A\n\0\0\0\rIHDR"u8], "it has no header and is not text" },
            { "1.eml", [0, 5, 0x16, 7, 0, 2, 0, 0], "AppleDouble" },
            {
                "1.partial.emlx",
                [.. "52        \nSubject: x\nX-Apple-Content-Length: 123456\n\nx\n\n12345\n"u8],
                "only part of this message"
            },
        };

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    [Theory]
    [MemberData(nameof(NoMail))]
    public async Task What_is_no_mail_fails_by_the_name_of_its_file(string name, byte[] bytes, string why)
    {
        _files.Write(name, bytes);
        _files.Write("2.eml", Mail);

        var failure = await _files.FailureAsync(FileFormat.Eml, 1);

        Assert.Contains($"/{name}: ", failure);
        Assert.Contains(why, failure);
    }

    public static TheoryData<byte[], string> Wrapped =>
        new()
        {
            { [0xEF, 0xBB, 0xBF, .. Encoding.ASCII.GetBytes(Mail)], "A byte order mark before the first line was left out: 1.EML." },
            { [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Mail)], "Converted from UTF-16 to ASCII: 1.EML." },
            { [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Mail)], "Converted from UTF-16 to ASCII: 1.EML." },
            { Encoding.Unicode.GetBytes(Mail), "Converted from UTF-16 to ASCII: 1.EML." },
            { Encoding.ASCII.GetBytes(Mail.Replace("\r\n", "\r")), "Lines that end with CR alone were given CRLF: 1.EML." },
            {
                Encoding.ASCII.GetBytes("From - Tue Mar 05 09:10:11 2015\r\n" + Mail),
                "A separator line of an mbox before the header was left out: 1.EML."
            },
        };

    [Theory]
    [MemberData(nameof(Wrapped))]
    public async Task What_is_wrapped_is_unwrapped_and_said(byte[] bytes, string said)
    {
        _files.Write("1.EML", bytes);

        var (letters, notices) = await _files.ReadAsync(FileFormat.Eml);

        Assert.Equal(Mail, Assert.Single(letters).Text);
        Assert.Contains(said, notices);
    }

    [Fact]
    public async Task Apple_Mail_keeps_flags_and_date_behind_the_message()
    {
        const string list = """
            <?xml version="1.0" encoding="UTF-8"?>
            <plist version="1.0"><dict>
              <key>date-received</key><integer>1425370211</integer><key>flags</key><integer>8590195729</integer></dict></plist>
            """;
        _files.Write("V2/INBOX.mbox/0A1B/Data/Messages/12.emlx", $"{Mail.Length}        \n{Mail}{list}");
        _files.Write("V2/INBOX.mbox/0A1B/Data/1/2/Messages/345.partial.emlx", $"{Mail.Length}\n{Mail}{list}");
        _files.Write("V2/INBOX.mbox/0A1B/Data/1/2/Attachments/345/2/letter.eml", Mail);
        _files.Write("V2/INBOX.mbox/Work.mbox/0A1B/Data/Messages/7.emlx", $"{Mail.Length}\n{Mail}{list}");

        await using var source = await _files.OpenAsync(FileFormat.Eml);
        var letters = await Letter.ReadAsync(source, "V2/INBOX");

        Assert.Equal(
            [("V2", 0), ("V2/INBOX", 2), ("V2/INBOX/Work", 1)],
            (await source.ListFoldersAsync(TestContext.Current.CancellationToken))
                .Select(folder => (folder.Path.ToString(), folder.State!.Value.Count))
                .Order()
        );
        Assert.All(
            letters,
            letter =>
                Assert.Equal(
                    (Mail, "\\Flagged \\Seen", DateTimeOffset.FromUnixTimeSeconds(1425370211)),
                    (letter.Text, letter.Flags, letter.Date)
                )
        );
    }

    [Fact]
    public async Task A_file_that_was_put_in_the_place_of_another_is_another_message()
    {
        _files.Write("1.eml", "Subject: a\n\na\n", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        var before = await ValidityAsync();
        _files.Write("1.eml", "Subject: b\n\nb\n", DateTimeOffset.FromUnixTimeSeconds(1_700_000_001));

        Assert.NotEqual(before, await ValidityAsync());

        async Task<UidValidity> ValidityAsync()
        {
            await using var source = await _files.OpenAsync(FileFormat.Eml);
            return (await source.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken)).UidValidity;
        }
    }
}
