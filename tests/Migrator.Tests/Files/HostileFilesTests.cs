using System.Diagnostics;
using System.IO.Compression;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Files;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>Whatever lies in a directory, an import ends as text, and says what it could not bring.</summary>
public sealed class HostileFilesTests : IDisposable
{
    private const string Mail = "Subject: x\n\nx\n";

    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_name_that_is_not_UTF_8_makes_the_import_incomplete()
    {
        _files.Write("1.eml", Mail);
        await PythonAsync(
            "import os,sys; d=os.fsencode(sys.argv[1])+b'/Entw\\xfcrfe'; os.mkdir(d); open(d+b'/1.eml','w').write('Subject: x\\n\\nx\\n')"
        );
        try
        {
            await using var source = await _files.OpenAsync(FileFormat.Eml);

            Assert.NotNull(source.Findings.Shortfall);
            Assert.StartsWith("Not imported: the name is not valid UTF-8", source.Findings.Notices[0]);
        }
        finally
        {
            // .NET cannot even remove it.
            await PythonAsync("import shutil,os,sys; shutil.rmtree(os.fsencode(sys.argv[1])+b'/Entw\\xfcrfe')");
        }

        async Task PythonAsync(string program)
        {
            using var process = Process.Start("python3", ["-c", program, _files.Root]);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
        }
    }

    [Fact]
    public async Task Directories_without_end_end_and_are_said()
    {
        _files.Write("1.eml", Mail);
        _files.Write(string.Concat(Enumerable.Repeat("d/", 200)) + "2.eml", Mail);

        await using var source = await _files.OpenAsync(FileFormat.Eml);

        Assert.NotNull(source.Findings.Shortfall);
        Assert.StartsWith("Not imported: too many directories below one another", source.Findings.Notices[0]);
    }

    [Fact]
    public async Task A_file_that_decompresses_to_more_than_any_mail_fails_by_name()
    {
        var member = new MemoryStream();
        using (var packed = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true))
            packed.Write([.. Enumerable.Repeat((byte)'x', 8 << 20)]);
        // A gzip may be several after one another.
        _files.Write("cur/1.a:2,", [.. Enumerable.Repeat(member.ToArray(), 129).SelectMany(bytes => bytes)]);

        Assert.Contains(
            "/cur/1.a:2,: it is compressed and would be larger than 1,024 MiB",
            await _files.FailureAsync(FileFormat.Maildir, 1)
        );
    }

    [Theory]
    [InlineData("\"uid\":2", "\"uid\":1", "two messages of INBOX have one UID")]
    [InlineData("\"uid\":1", "\"uid\":0", "uid must be above 0")]
    [InlineData("\"size\":", "\"size\":-", "size and offset not below")]
    [InlineData(
        "\"folders\":[",
        "\"folders\":[{\"path\":\"INBOX\",\"subscribed\":true,\"uidValidity\":1,\"messages\":2},",
        "INBOX is in it twice"
    )]
    public async Task A_sidecar_that_somebody_made_up_is_refused_in_words(string from, string to, string words)
    {
        var mailbox = new Memory.MemoryMailSource();
        var inbox = mailbox.Add("INBOX", SpecialUse.Inbox);
        inbox.Add("one"u8.ToArray());
        inbox.Add("two"u8.ToArray());
        await _files.ExportAsync(mailbox, FileFormat.Eml);
        var sidecar = Path.Combine(_files.Root, "migrator-export.jsonl");
        File.WriteAllText(sidecar, File.ReadAllText(sidecar).Replace(from, to));

        var failure = await Assert.ThrowsAsync<MailException>(() => _files.OpenAsync(FileFormat.Eml));

        Assert.Equal(Reason.FilesUnreadable, failure.Reason);
        Assert.Contains(words, failure.Message);
    }

    [Fact]
    public async Task Any_bytes_are_read_or_fail_by_name_in_every_format()
    {
        var random = new Random(1);
        string[] pieces =
        [
            "From ",
            "\n",
            "\r\n",
            "\r",
            "From a@b Tue Mar  3 09:10:11 2015\n",
            "From \n",
            "Subject: x\n",
            "Content-Length: ",
            "7\n",
            "\0",
            ">",
            "X-Gmail-Labels: \"a,\n",
            "\u001f\u008b\b",
            "(\u00b5/\u00fd",
            "\u00ff\u00fe",
            "12\n",
            "From 1500000000000000001@xxx Tue Mar 03 08:10:11 +0000 2015\n",
            "X-Mozilla-Status: fffff\n",
            "Received: ((;\n",
        ];
        for (var round = 0; round < 150; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => pieces[random.Next(pieces.Length)]));
            foreach (
                var (format, name) in new[]
                {
                    (FileFormat.Mbox, "Inbox"),
                    (FileFormat.Eml, "1.eml"),
                    (FileFormat.Eml, "1.emlx"),
                    (FileFormat.Maildir, "cur/1425370211.a,S=9:2,Sz"),
                }
            )
            {
                _files.Write(name, text);
                await ReadAllAsync(format);
                _files.Clear();
            }
        }
    }

    private async Task ReadAllAsync(FileFormat format)
    {
        try
        {
            await using var source = await _files.OpenAsync(format);
            foreach (var folder in await source.ListFoldersAsync(TestContext.Current.CancellationToken))
            {
                await source.OpenAsync(folder.Path, TestContext.Current.CancellationToken);
                var uids = await source.ListUidsAsync(1, TestContext.Current.CancellationToken);
                Assert.Equal(uids.Count, (await source.FetchSummariesAsync(uids, TestContext.Current.CancellationToken)).Count);
                await source.FetchSubjectsAsync(uids, TestContext.Current.CancellationToken);
                await source.FetchAsync(uids, new Letter.Receiver(), TestContext.Current.CancellationToken);
            }
        }
        catch (MailException exception)
        {
            Assert.Contains(_files.Root, exception.Message);
        }
    }
}
