using Migrator.Core.Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Xunit;

namespace Migrator.Tests.Certificates;

public sealed class CertificateDraftTests : IDisposable
{
    // Some parts on disk, and one in memory.
    private const int Many = 100_000;

    private static readonly CertifiedContent s_content = new(ContentId.Of([]), 0, FlagSet.None, DateTimeOffset.UnixEpoch);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("draft");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void More_messages_than_fit_into_memory_are_sorted()
    {
        using var draft = new CertificateDraft(_directory.FullName);
        for (var uid = Many; uid > 0; uid--)
            draft.Add(Message(FolderPath.Inbox, (uint)uid, CertifiedState.Missing));
        // What is found out later counts.
        draft.Add(Message(FolderPath.Inbox, Many, CertifiedState.Trashed));
        draft.Add(Folder(FolderPath.Inbox, CertifiedFolder.Compared));

        var (reader, written) = Write(draft, Many, null);

        Assert.Empty(reader.Problems);
        Assert.Equal((Many - 1, 1), (written.Counts["message.missing"], written.Counts["message.trashed"]));
    }

    [Fact]
    public void Of_a_folder_that_failed_no_message_is_named()
    {
        using var draft = new CertificateDraft(_directory.FullName);
        var (one, other) = (new FolderPath(["a"]), new FolderPath(["ab"]));
        draft.Add(Message(one, 1, CertifiedState.Missing));
        draft.Add(Message(other, 1, CertifiedState.Missing));
        draft.Add(Folder(one, CertifiedFolder.Failed));
        draft.Add(Folder(other, CertifiedFolder.Compared));

        var (reader, written) = Write(draft, 1, null);

        Assert.Empty(reader.Problems);
        Assert.Equal(1, written.Counts["message.missing"]);
        Assert.Equal(1, written.Counts["folder.failed"]);
    }

    [Fact]
    public void A_message_that_was_compared_and_has_no_line_stops_it()
    {
        using var draft = new CertificateDraft(_directory.FullName);
        draft.Add(Message(FolderPath.Inbox, 1, CertifiedState.Missing));
        draft.Add(Folder(FolderPath.Inbox, CertifiedFolder.Compared));

        Assert.Throws<InvalidOperationException>(() => Write(draft, 2, null));
    }

    [Fact]
    public void A_comparison_that_ended_early_is_never_identical()
    {
        using var draft = new CertificateDraft(_directory.FullName);
        draft.Add(Folder(FolderPath.Inbox, CertifiedFolder.Compared));

        var (reader, written) = Write(draft, 0, Failure.Of(Reason.ConnectionLost, "gone"));

        Assert.Empty(reader.Problems);
        Assert.False(written.Identical);
    }

    private static CertifiedMessage Message(FolderPath folder, uint uid, CertifiedState state) =>
        new(folder, 1, uid, state, s_content, null);

    private static CertifiedFolder Folder(FolderPath folder, string state) => new(folder, 1, state, null, folder) { TargetExists = true };

    private static (CertificateReader Reader, WrittenCertificate Written) Write(CertificateDraft draft, long messages, Failure? stopped)
    {
        using var file = new MemoryStream();
        var report = new VerifyReport(
            "job",
            "imap://a",
            "imap://b",
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch,
            [new FolderComparison([FolderPath.Inbox], FolderPath.Inbox, true, messages, 0, 0, 0, messages, 0, 0, 0, 0)],
            [],
            []
        )
        {
            Stopped = stopped,
        };
        var written = draft.Write(file, new CertifiedMailbox("job", "ann", "imap://a", "imap://b", "ann.jsonl"), report, "test");
        file.Position = 0;
        var reader = new CertificateReader("ann.jsonl");
        reader.Read(file, CancellationToken.None);
        return (reader, written);
    }
}
