using System.Diagnostics;
using Migrator.App.Output;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Help;

/// <summary>The manual pages, as the build makes them.</summary>
public sealed class ManPageTests : IDisposable
{
    private readonly DirectoryInfo _pages = Directory.CreateTempSubdirectory("man");

    public void Dispose() => _pages.Delete(recursive: true);

    [Fact]
    public async Task Every_command_has_a_page_that_is_shown_without_warnings()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/groff"), "groff is not installed.");
        var made = await MigratorProcess.RunAsync(_pages.FullName, "man", _pages.FullName);
        Assert.Equal((ExitCode.Success, "", ""), made);
        var files = _pages.GetFiles("*.1").Select(file => file.Name).Order(StringComparer.Ordinal).ToList();
        Assert.Contains("migrator.1", files);
        Assert.Contains("migrator-archive-prune.1", files);
        Assert.DoesNotContain("migrator-man.1", files);

        var start = new ProcessStartInfo("groff", ["-man", "-Tutf8", "-ww", "-rLL=78n", .. files])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _pages.FullName,
        };
        using var process = Process.Start(start)!;
        var warnings = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var shown = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("", await warnings);
        Assert.Contains("--keep-daily", shown);
        Assert.Contains("migrator archive prune nightly --keep-daily 7", shown);
    }
}
