using System.IO.Compression;
using System.Text;
using Migrator.Core.Mail;
using Migrator.Files;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>Maildirs as servers leave them.</summary>
public sealed class DovecotMaildirFileTests : IDisposable
{
    private const string Mail = "Subject: x\n\nbody\n";

    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    public static TheoryData<string> Methods => ["gzip", "zstd"];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_compressed_message_is_decompressed(string method)
    {
        _files.Write("cur/1425370211.M1P1.host,S=17,W=20:2,RS", Packed(method));

        var (letters, notices) = await _files.ReadAsync(FileFormat.Maildir);

        Assert.Equal(
            ("Subject: x\r\n\r\nbody\r\n", "\\Answered \\Seen"),
            Assert.Single(letters.Select(letter => (letter.Text, letter.Flags)))
        );
        Assert.Contains("Compressed files were decompressed: cur/1425370211.M1P1.host,S=17,W=20:2,RS.", notices);
        Assert.DoesNotContain(notices, notice => notice.Contains("S=)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("gzip", 8)]
    [InlineData("gzip", 12)]
    [InlineData("zstd", 3)]
    public async Task A_compressed_message_that_is_cut_short_fails_by_name(string method, int cut)
    {
        _files.Write("cur/1.a:2,", Packed(method)[..^cut]);

        Assert.Contains("/cur/1.a:2,: it is compressed with ", await _files.FailureAsync(FileFormat.Maildir, 1));
    }

    [Fact]
    public async Task A_compressed_message_that_is_damaged_fails_by_name()
    {
        var packed = Packed("gzip");
        packed[^6] ^= 1;
        _files.Write("cur/1.a:2,", packed);

        Assert.Contains("/cur/1.a:2,: it is compressed with gzip and is damaged", await _files.FailureAsync(FileFormat.Maildir, 1));
    }

    [Fact]
    public async Task Another_compression_fails_by_name()
    {
        _files.Write("cur/1.a:2,", [.. "Dovecot-LZ4\r*\u009b\u00c5"u8]);

        Assert.Contains("LZ4, which is not supported", await _files.FailureAsync(FileFormat.Maildir, 1));
    }

    [Theory]
    [InlineData("S=18", "Shorter than the size (S=) in the file name: cut short, and imported as they are: cur/1.a,S=18:2,.", false)]
    [InlineData("S=16", "Longer than the size (S=) in the file name; imported as they are: cur/1.a,S=16:2,.", true)]
    public async Task A_message_of_another_size_than_its_name_says_is_reported(string size, string said, bool complete)
    {
        _files.Write($"cur/1.a,{size}:2,", Mail);

        await using var source = await _files.OpenAsync(FileFormat.Maildir);
        await Letter.ReadAsync(source, "INBOX");

        Assert.Contains(said, source.Findings.Notices);
        Assert.Equal(complete, source.Findings.Shortfall is null);
    }

    [Fact]
    public async Task Folder_names_that_are_no_encoding_stay_as_they_are()
    {
        foreach (
            var folder in (string[])
                [".R&D", ".R&D.Sub", ".A&-B", ".Gr&APwA3w-e", ".x&AAA-y", ".x&AGE-y", ".Gr\u00fc\u00dfe", ".INBOX.Drafts"]
        )
            Directory.CreateDirectory(Path.GetDirectoryName(_files.Write($"{folder}/cur/1.a:2,", Mail))!);

        await using var source = await _files.OpenAsync(FileFormat.Maildir);
        var paths = (await source.ListFoldersAsync(TestContext.Current.CancellationToken))
            .Select(folder => folder.Path.ToString())
            .Order(StringComparer.Ordinal);

        // "&AGE-" would be "a", which nothing encodes; "&AAA-" a NUL, which no server takes. Two folders have one name in the end.
        Assert.Equal(["A&B", "Gr\u00fc\u00dfe", "Gr\u00fc\u00dfe (2)", "INBOX/Drafts", "R&D", "R&D/Sub", "x&AAA-y", "x&AGE-y"], paths);
        Assert.Contains(
            source.Findings.Notices,
            notice => notice.StartsWith("Another place has the same folder name", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Messages_come_in_the_order_of_the_servers_UIDs()
    {
        _files.Write("cur/3.a:2,S", "Subject: third by name\n\nx\n");
        _files.Write("cur/1.a,S=26:2,S", "Subject: first by name\n\nx\n");
        _files.Write("new/2.a", "Subject: not listed\n\nx\n");
        _files.Write("dovecot-uidlist", "3 V1425370000 N9 G0a\n4 :3.a\n7 W27 :1.a,S=26:2,\n");

        Assert.Equal(
            ["third by name", "first by name", "not listed"],
            (await _files.ReadAsync(FileFormat.Maildir)).Letters.Select(letter => letter.Text.Split("\r\n")[0]["Subject: ".Length..])
        );
    }

    [Fact]
    public async Task Keywords_have_the_names_of_their_folder_and_one_without_a_name_is_said()
    {
        _files.Write("cur/1.a:2,Sac", Mail);
        _files.Write("dovecot-keywords", "0 $Junk\n1 todo\n");

        var (letters, notices) = await _files.ReadAsync(FileFormat.Maildir);

        Assert.Equal("$Junk \\Seen", Assert.Single(letters).Flags);
        Assert.Contains("Keywords by a letter that dovecot-keywords does not name were left out: cur/1.a:2,Sac.", notices);
    }

    [Fact]
    public async Task What_is_left_out_is_said_and_what_servers_keep_beside_mail_is_not()
    {
        foreach (var file in (string[])["dovecot.index.cache", "maildirsize", ".dovecot.sieve", "courierimapuiddb", ".Sent/maildirfolder"])
            _files.Write(file, "x");
        _files.Write("cur/1.a:2,", Mail);
        _files.Write("tmp/2.a", "half");
        _files.Write("letter.eml", Mail);
        _files.Write("cur/sub/3.a:2,", Mail);

        var (_, notices) = await _files.ReadAsync(FileFormat.Maildir);

        Assert.Contains("Not taken for mail: cur/sub.", notices);
        Assert.Contains(
            "Not imported: mail in another format than was asked for; import it separately, with the --format that it has: letter.eml.",
            notices
        );
        Assert.Contains("Files in \"tmp\" of a Maildir were never delivered and were left out: tmp/2.a.", notices);
    }

    [Fact]
    public async Task A_file_that_a_server_renames_meanwhile_is_still_the_message()
    {
        var file = _files.Write("new/1.a", Mail);
        Directory.CreateDirectory(Path.Combine(_files.Root, "cur"));
        await using var source = await _files.OpenAsync(FileFormat.Maildir);
        await source.OpenAsync(FolderPath.Inbox, TestContext.Current.CancellationToken);
        File.Move(file, Path.Combine(_files.Root, "cur/1.a:2,FS"));

        var receiver = new Letter.Receiver();
        var summary = Assert.Single(await source.FetchSummariesAsync([1], TestContext.Current.CancellationToken));
        await source.FetchAsync([1], receiver, TestContext.Current.CancellationToken);

        Assert.Equal(("\\Flagged \\Seen", "Subject: x\r\n\r\nbody\r\n"), (summary.Flags.ToString(), receiver.Texts[1]));
    }

    private static byte[] Packed(string method)
    {
        var packed = new MemoryStream();
        using (
            Stream to =
                method == "gzip"
                    ? new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)
                    : new ZstdSharp.CompressionStream(packed, leaveOpen: true)
        )
            to.Write(Encoding.ASCII.GetBytes(Mail));
        return packed.ToArray();
    }
}
