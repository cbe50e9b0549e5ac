using Migrator.Files;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>A message keeps its date of arrival, although its file was copied or unpacked long after.</summary>
public sealed class FileDateTests : IDisposable
{
    private const string Received = "Received: from a by b; Tue, 03 Mar 2015 09:10:11 +0100\nDate: Mon, 2 Mar 2015 08:00:00 +0000\n\nx\n";

    private static readonly DateTimeOffset s_unpacked = new(2024, 6, 7, 8, 9, 10, TimeSpan.Zero);

    private static readonly DateTimeOffset s_received = new(2015, 3, 3, 8, 10, 11, TimeSpan.Zero);

    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(Received, "2015-03-03T08:10:11Z", "Received header 1")]
    [InlineData("Date: Mon, 2 Mar 2015 08:00:00 +0000\n\nx\n", "2015-03-02T08:00:00Z", "Date header 1")]
    [InlineData("Subject: x\n\nx\n", "2024-06-07T08:09:10Z", "modification time, which may be when it was copied or unpacked, 1")]
    [InlineData(
        "Received: by b; the day before\nDate: yesterday\n\nx\n",
        "2024-06-07T08:09:10Z",
        "modification time, which may be when it was copied or unpacked, 1"
    )]
    public async Task Of_an_eml_file_its_header_says_when_it_arrived(string text, string date, string said)
    {
        _files.Write("1.eml", text, s_unpacked);

        await ShouldBeAsync(FileFormat.Eml, date, said);
    }

    [Theory]
    [InlineData("cur/1425370211.M1P1.host:2,S", "2015-03-03T08:10:11Z", "2024-06-07T08:09:10Z", "Subject: x\n\nx\n", "file name 1")]
    [InlineData("new/1425370211_1.mutt.host", "2015-03-03T08:10:11Z", "2024-06-07T08:09:10Z", "Subject: x\n\nx\n", "file name 1")]
    [InlineData(
        "cur/1425370211.M1P1.host:2,",
        "2009-01-01T00:00:00Z",
        "2009-01-01T00:00:00Z",
        Received,
        "the file's time, which its name confirms, 1"
    )]
    [InlineData("cur/1700000000.M1P1.host:2,", "2015-03-03T08:10:11Z", "2024-06-07T08:09:10Z", Received, "Received header 1")]
    [InlineData("cur/1425370211.M1P1.host:2,", "2015-03-03T08:10:11Z", "1980-01-01T00:00:00Z", "Subject: x\n\nx\n", "file name 1")]
    [InlineData("cur/a.b:2,S", "2015-03-03T08:10:11Z", "2024-06-07T08:09:10Z", Received, "Received header 1")]
    public async Task Of_a_Maildir_the_name_says_when_it_arrived_unless_a_server_gave_the_file_an_earlier_time(
        string file,
        string date,
        string modified,
        string text,
        string said
    )
    {
        _files.Write(file, text, DateTimeOffset.Parse(modified, System.Globalization.CultureInfo.InvariantCulture));

        await ShouldBeAsync(FileFormat.Maildir, date, said);
    }

    [Theory]
    [InlineData("From a@b Tue Mar  3 09:10:11 2015", "2015-03-03T08:10:11Z", "Received header 1")]
    [InlineData("From a@b Wed Apr  8 09:10:11 2015", "2015-04-08T09:10:11Z", "separator line 1")]
    [InlineData("From 1500000000000000000@xxx Tue Mar 03 08:10:12 +0000 2015", "2015-03-03T08:10:12Z", "separator line 1")]
    [InlineData("From - Fri Jun 07 08:09:10 2024", "2015-03-03T08:10:11Z", "Received header 1")]
    [InlineData("From ", "2015-03-03T08:10:11Z", "Received header 1")]
    public async Task Of_an_mbox_the_separator_counts_where_it_can_be_the_arrival(string separator, string date, string said)
    {
        _files.Write("Inbox", $"{separator}\n{Received}\n", s_unpacked);

        await ShouldBeAsync(FileFormat.Mbox, date, said);
    }

    [Fact]
    public async Task Of_an_export_the_sidecar_says_it_and_nothing_needs_to_be_said()
    {
        var mailbox = new Memory.MemoryMailSource();
        mailbox
            .Add("INBOX", Core.Mail.SpecialUse.Inbox)
            .Add(System.Text.Encoding.ASCII.GetBytes(Received.Replace("\n", "\r\n")), "", s_received.AddYears(-1));
        await _files.ExportAsync(mailbox, FileFormat.Eml);
        File.SetLastWriteTimeUtc(Path.Combine(_files.Root, "INBOX", "0000000001.eml"), s_unpacked.UtcDateTime);

        var (letters, notices) = await _files.ReadAsync(FileFormat.Eml);

        Assert.Equal(s_received.AddYears(-1), Assert.Single(letters).Date);
        Assert.Empty(notices);
    }

    private async Task ShouldBeAsync(FileFormat format, string date, string said)
    {
        var (letters, notices) = await _files.ReadAsync(format);

        Assert.Equal(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture), Assert.Single(letters).Date);
        Assert.EndsWith(
            $"{said}.",
            Assert.Single(notices, notice => notice.StartsWith("The files keep no date", StringComparison.Ordinal))
        );
    }
}
