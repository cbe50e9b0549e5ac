using System.Text.Json;
using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Reports;
using Xunit;

namespace Migrator.Tests.Reports;

public sealed class ReportFilesTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("migrator-reports-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Both_files_are_written_whole_and_nothing_else_stays()
    {
        var directory = Path.Combine(_root.FullName, "new", "reports");
        var paths = await new ReportFiles(directory, TimeZoneInfo.Utc).WriteAsync(Samples.Run(), TestContext.Current.CancellationToken);

        Assert.Equal(["a-job-20260304-132210-run.html", "a-job-20260304-132210-run.json"], Names(directory));
        Assert.Equal(directory, Path.GetDirectoryName(paths.Json));
        var report = JsonSerializer.Deserialize<RunReport>(
            await File.ReadAllTextAsync(paths.Json, TestContext.Current.CancellationToken),
            ReportJson.Indented
        )!;
        Assert.Equal(Samples.Run().Total, report.Total);
        Assert.EndsWith("</html>\n", await File.ReadAllTextAsync(paths.Html, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_report_is_never_overwritten()
    {
        var files = new ReportFiles(_root.FullName, TimeZoneInfo.Utc);
        var first = await files.WriteAsync(Samples.Verify(1), TestContext.Current.CancellationToken);
        var before = await File.ReadAllBytesAsync(first.Json, TestContext.Current.CancellationToken);
        var second = await files.WriteAsync(Samples.Verify(2), TestContext.Current.CancellationToken);

        Assert.Equal("a-job-20260304-132210-verify-2.json", Path.GetFileName(second.Json));
        Assert.Equal(before, await File.ReadAllBytesAsync(first.Json, TestContext.Current.CancellationToken));
        Assert.Equal(4, Names(_root.FullName).Length);
    }

    [Fact]
    public async Task A_cancelled_write_leaves_nothing_behind()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ReportFiles(_root.FullName, TimeZoneInfo.Utc).WriteAsync(Samples.Run(), new CancellationToken(true))
        );
        Assert.Empty(Names(_root.FullName));
    }

    [Theory]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("C:\\con\0\n*?", "C--con")]
    [InlineData("...", "job")]
    [InlineData("", "job")]
    [InlineData("Übersicht 📬", "Übersicht")]
    public async Task A_job_name_cannot_lead_out_of_the_directory(string job, string expected)
    {
        var paths = await new ReportFiles(_root.FullName, TimeZoneInfo.Utc).WriteAsync(
            Samples.Verify(0) with
            {
                Job = job,
            },
            TestContext.Current.CancellationToken
        );
        Assert.Equal(Path.Combine(_root.FullName, expected + "-20260304-132210-verify.json"), paths.Json);
    }

    private static string[] Names(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
