using Migrator.Core.Exports;
using Migrator.Core.Failures;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Files;
using Migrator.Files.Writing;
using Migrator.Tests.Files;
using Xunit;

namespace Migrator.Tests.Exports;

/// <summary>What an export reports when the source does not give all that it lists.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly FileHarness _files = new();

    public static TheoryData<FileFormat> Formats => [.. Enum.GetValues<FileFormat>()];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_message_that_the_source_does_not_give_is_named_and_the_others_come(FileFormat format)
    {
        var mailbox = ExportedMailbox.Create();
        mailbox.Folders[0].Add("third"u8.ToArray());
        mailbox.Torn.UnionWith([1]);
        mailbox.Withheld.Add(2);
        var progress = new RunProgress();

        var report = await _files.ExportAsync(mailbox, format, progress);

        var failure = Assert.Single(report.Failures);
        Assert.Equal(("INBOX", 2u, Reason.SourceUnreadable.Code), (failure.Folder.ToString(), failure.Uid, failure.Failure.Code));
        Assert.Equal(new MessageCounts(4, 2 + 0 + 1, 0, 0, 0, 1, 0, 28), report.Total);
        Assert.Equal((false, FolderPhase.Done), (report.IsComplete, progress.Folders.First().Phase));
        await using var source = await _files.OpenAsync(format);
        Assert.Equal([1u, 3u], (await Letter.ReadAsync(source, "INBOX")).Select(letter => letter.Uid));
    }

    [Fact]
    public async Task A_message_that_goes_meanwhile_has_vanished()
    {
        var mailbox = ExportedMailbox.Create();
        mailbox.BeforeMessage = _ => mailbox.Folders[0].Messages.Remove(2);

        var report = await _files.ExportAsync(mailbox, FileFormat.Mbox);

        Assert.Equal((1L, 2L, true), (report.Total.Vanished, report.Total.Delivered, report.IsComplete));
    }

    [Fact]
    public async Task A_folder_that_is_gone_fails_alone()
    {
        var mailbox = ExportedMailbox.Create();
        var folders = await mailbox.ListFoldersAsync(TestContext.Current.CancellationToken);
        mailbox.Folders.RemoveAt(1);

        using var writer = FileMailboxWriter.Create(_files.Root, FileFormat.Eml, TimeProvider.System);
        var report = await new Export(mailbox, writer).RunAsync(folders, new RunProgress(), TestContext.Current.CancellationToken);

        Assert.Equal([null, Reason.FolderMissing.Code, null], report.Folders.Select(folder => folder.Failure?.Code));
        Assert.False(report.IsComplete);
    }
}
