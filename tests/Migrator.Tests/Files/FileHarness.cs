using System.Text;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Exports;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Files;
using Migrator.Files.Reading;
using Migrator.Files.Writing;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Files;

/// <summary>A directory for one test, and what is done with it.</summary>
public sealed class FileHarness : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("migrator-files-").FullName;

    /// <summary>All that a mailbox holds, as text that can be compared.</summary>
    public static async Task<IReadOnlyList<string>> ContentAsync(IMailSource source)
    {
        var lines = new List<string>();
        var cancellationToken = TestContext.Current.CancellationToken;
        foreach (
            var folder in (await source.ListFoldersAsync(cancellationToken)).OrderBy(
                folder => folder.Path.ToString(),
                StringComparer.Ordinal
            )
        )
        {
            lines.Add($"{folder.Path} {folder.Use} {folder.Selectable} {folder.Subscribed}");
            if (!folder.Selectable)
                continue;
            var state = await source.OpenAsync(folder.Path, cancellationToken);
            var uids = await source.ListUidsAsync(1, cancellationToken);
            Assert.Equal(state.Count, uids.Count);
            lines.Add($"  {state.UidValidity}");
            var hashes = new Dictionary<Uid, string>();
            await source.FetchAsync(uids, new HashingSink((uid, hash, _, size) => hashes.Add(uid, $"{size} {hash}")), cancellationToken);
            foreach (var summary in await source.FetchSummariesAsync(uids, cancellationToken))
                lines.Add($"  {summary.Uid} {hashes[summary.Uid]} ({summary.Flags}) {summary.InternalDate:s}{summary.InternalDate:zzz}");
        }
        return lines;
    }

    public string Root => Path.Combine(_base, "mail");

    public async Task<ExportReport> ExportAsync(IMailSource source, FileFormat format, RunProgress? progress = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var folders = await source.ListFoldersAsync(TestContext.Current.CancellationToken);
        using var files = FileMailboxWriter.Create(Root, format, time);
        return await new Export(source, files).RunAsync(folders, progress ?? new RunProgress(), TestContext.Current.CancellationToken);
    }

    public Task<FileSource> OpenAsync(FileFormat format) => FileSource.OpenAsync(Root, format, TestContext.Current.CancellationToken);

    /// <summary>Exports, imports, and compares.</summary>
    public async Task ShouldComeBackAsync(MemoryMailSource mailbox, FileFormat format)
    {
        var report = await ExportAsync(mailbox, format);
        Assert.True(report.IsComplete);
        Assert.True(report.Total.AddsUp);
        await using var source = await OpenAsync(format);
        Assert.Equal(await ContentAsync(mailbox), await ContentAsync(source));
        Assert.Empty(source.PassedOver);
    }

    public string Write(string file, string latin1, DateTimeOffset? modified = null)
    {
        var path = Path.Combine(Root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(latin1));
        if (modified is { } time)
            File.SetLastWriteTimeUtc(path, time.UtcDateTime);
        return path;
    }

    public string Write(string file, byte[] bytes)
    {
        var path = Write(file, "");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>All messages of a folder, and what is said about the files.</summary>
    public async Task<(IReadOnlyList<Letter> Letters, IReadOnlyList<string> Notices)> ReadAsync(FileFormat format, string folder = "INBOX")
    {
        await using var source = await OpenAsync(format);
        return (await Letter.ReadAsync(source, folder), source.Findings.Notices);
    }

    /// <summary>Why a message of INBOX cannot be had.</summary>
    public async Task<string> FailureAsync(FileFormat format, Uid uid, string folder = "INBOX")
    {
        await using var source = await OpenAsync(format);
        await source.OpenAsync(FolderPath.Parse(folder), TestContext.Current.CancellationToken);
        await source.FetchSummariesAsync([uid], TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<MailException>(() =>
            source.FetchAsync([uid], new Letter.Receiver(), TestContext.Current.CancellationToken)
        );
        Assert.Equal(Reason.SourceUnreadable, failure.Reason);
        return failure.Message;
    }

    public void Clear() => Directory.Delete(Root, recursive: true);

    public void Dispose() => Directory.Delete(_base, recursive: true);
}
