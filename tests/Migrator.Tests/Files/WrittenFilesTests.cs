using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Files;
using Migrator.Files.Writing;
using Migrator.Tests.Exports;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>What an export leaves on disk, and where it refuses to write.</summary>
public sealed class WrittenFilesTests : IDisposable
{
    private readonly FileHarness _files = new();

    public static TheoryData<FileFormat> Formats => [.. Enum.GetValues<FileFormat>()];

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Mbox_as_others_read_it()
    {
        await _files.ExportAsync(ExportedMailbox.Create(), FileFormat.Mbox);

        Assert.Equal(["INBOX", "Work", "Work.sbd/caf\u00e9", "migrator-export.jsonl"], Files());
        Assert.Equal(
            "From mboxrd@migrator Wed Feb  3 03:05:06 2021\nSubject: 1\r\n\r\n>From x\r\n\nFrom mboxrd@migrator Wed Feb  3 "
                + "03:05:06 2021\nSubject: 2\r\n\r\nend\n\n",
            Text("INBOX")
        );
        var content = ContentId.Of("Subject: 1\r\n\r\nFrom x\r\n"u8);
        const string flagsAndDate = "\"flags\":\"$Forwarded \\\\Seen\",\"internalDate\":\"2021-02-03T04:05:06+01:00\"";
        Assert.Equal(
            [
                """{"migratorExport":1,"format":"mbox","written":"2026-01-02T03:04:05+00:00","folders":["""
                    + """{"path":"INBOX","subscribed":true,"uidValidity":5,"messages":2,"place":"INBOX","use":"inbox","octets":135},"""
                    + """{"path":"Work","subscribed":true,"uidValidity":1,"messages":0,"place":"Work","octets":0},"""
                    + """{"path":"Work/café","subscribed":false,"uidValidity":1,"messages":1,"place":"Work.sbd/café","octets":49}]}""",
                $$"""{"folder":"INBOX","uid":1,"file":"INBOX","size":22,"sha256":"{{content}}",{{flagsAndDate}},"offset":0}""",
            ],
            File.ReadLines(Path.Combine(_files.Root, "migrator-export.jsonl")).Take(2)
        );
    }

    [Fact]
    public async Task Maildir_as_others_read_it()
    {
        await _files.ExportAsync(ExportedMailbox.Create(), FileFormat.Maildir);

        Assert.Equal(
            [
                ".Work.caf&AOk-/cur/1767323045.V1U0000000003.migrator,S=1:2,T",
                ".Work.caf&AOk-/maildirfolder",
                ".Work/maildirfolder",
                "cur/1767323045.V5U0000000001.migrator,S=22:2,Sa",
                "cur/1767323045.V5U0000000002.migrator,S=17:2,",
                "dovecot-keywords",
                "migrator-export.jsonl",
                "subscriptions",
            ],
            Files()
        );
        Assert.Equal("Subject: 2\r\n\r\nend", Text("cur/1767323045.V5U0000000002.migrator,S=17:2,"));
        Assert.Equal(
            ExportedMailbox.Date.UtcDateTime,
            File.GetLastWriteTimeUtc(Path.Combine(_files.Root, "cur/1767323045.V5U0000000002.migrator,S=17:2,"))
        );
        Assert.Equal(("0 $Forwarded\n", "INBOX\nWork\n"), (Text("dovecot-keywords"), Text("subscriptions")));
    }

    [Fact]
    public async Task Eml_as_others_read_it()
    {
        await _files.ExportAsync(ExportedMailbox.Create(), FileFormat.Eml);

        Assert.Equal(["INBOX/0000000001.eml", "INBOX/0000000002.eml", "Work/caf\u00e9/0000000003.eml", "migrator-export.jsonl"], Files());
        Assert.Equal("Subject: 2\r\n\r\nend", Text("INBOX/0000000002.eml"));
        Assert.Equal(ExportedMailbox.Date.UtcDateTime, File.GetLastWriteTimeUtc(Path.Combine(_files.Root, "INBOX/0000000002.eml")));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task An_interrupted_export_is_recognised(FileFormat format)
    {
        var mailbox = ExportedMailbox.Create();
        mailbox.BeforeMessage = uid => throw new MailException(Reason.ConnectionLost, "The server closed the connection.");
        Assert.Equal(Reason.ConnectionLost, (await Assert.ThrowsAsync<MailException>(() => _files.ExportAsync(mailbox, format))).Reason);

        var import = await Assert.ThrowsAsync<MailException>(() => _files.OpenAsync(format));
        var again = await Assert.ThrowsAsync<StorageException>(() => _files.ExportAsync(ExportedMailbox.Create(), format));

        Assert.Equal(Reason.ExportUnfinished, import.Reason);
        Assert.Equal(Reason.ExportTarget, again.Reason);
        Assert.Contains("interrupted", again.Message);
    }

    [Fact]
    public async Task Only_an_empty_directory_is_written_to()
    {
        var file = _files.Write("mine", "mine");

        var full = await Assert.ThrowsAsync<StorageException>(() => _files.ExportAsync(ExportedMailbox.Create(), FileFormat.Mbox));
        var taken = Assert.Throws<StorageException>(() => FileMailboxWriter.Create(file, FileFormat.Mbox, TimeProvider.System));

        Assert.Equal((Reason.ExportTarget, Reason.ExportTarget), (full.Reason, taken.Reason));
        Assert.Equal(["mine"], Files());
    }

    private string Text(string file) => Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(_files.Root, file)));

    private IEnumerable<string> Files() =>
        Directory
            .EnumerateFiles(_files.Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => Path.GetRelativePath(_files.Root, path))
            .Order(StringComparer.Ordinal);
}
