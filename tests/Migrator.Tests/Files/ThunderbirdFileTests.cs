using Migrator.Files;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>A profile of Thunderbird that keeps one file a message.</summary>
public sealed class ThunderbirdFileTests : IDisposable
{
    private readonly FileHarness _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Folders_and_flags_are_those_of_Thunderbird_and_the_bytes_stay()
    {
        _files.Write(
            "Inbox/cur/a1.eml",
            "X-Mozilla-Status: 1007\r\nX-Mozilla-Status2: 00000000\r\nX-Mozilla-Keys: $label1 todo\r\nSubject: x\r\n\r\nx\r\n"
        );
        _files.Write("Archives.sbd/2020/cur/b1.eml", "X-Mozilla-Status: 0000\r\nSubject: x\r\n\r\nx\r\n");
        _files.Write("Archives.sbd/2020.sbd/Work/cur/c1.eml", "X-Mozilla-Status: 0408\r\nSubject: x\r\n\r\nx\r\n");
        foreach (var companion in (string[])["Inbox.msf", "Archives.msf", "msgFilterRules.dat", "Archives.sbd/2020.msf"])
            _files.Write(companion, "x");

        await using var source = await _files.OpenAsync(FileFormat.Maildir);
        var folders = await source.ListFoldersAsync(TestContext.Current.CancellationToken);
        var inbox = Assert.Single(await Letter.ReadAsync(source, "INBOX"));
        var deleted = Assert.Single(await Letter.ReadAsync(source, "Archives/2020/Work"));

        Assert.Equal(
            ["Archives/2020", "Archives/2020/Work", "INBOX"],
            folders.Select(folder => folder.Path.ToString()).Order(StringComparer.Ordinal)
        );
        Assert.Equal("$Forwarded $label1 todo \\Answered \\Flagged \\Seen", inbox.Flags);
        Assert.StartsWith("X-Mozilla-Status: 1007\r\nX-Mozilla-Status2: 00000000\r\n", inbox.Text);
        Assert.Equal("", Assert.Single(await Letter.ReadAsync(source, "Archives/2020")).Flags);
        Assert.Equal("\\Deleted", deleted.Flags);
        Assert.Empty(source.PassedOver);
        Assert.Contains(
            "Messages that were deleted but not yet expunged got the flag \\Deleted: Archives.sbd/2020.sbd/Work/cur/c1.eml.",
            source.Findings.Notices
        );
        Assert.Contains(
            "Thunderbird downloaded only part of these messages; imported as the file has them: Archives.sbd/2020.sbd/Work/cur/c1.eml.",
            source.Findings.Notices
        );
    }
}
