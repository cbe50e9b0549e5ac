using System.Text;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Files;
using Migrator.Files.Reading;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>An mbox that is imported again after a mail program has written flags into it.</summary>
public sealed class RewrittenFlagTests : IDisposable
{
    private const int Count = 5;

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("mbox");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Delete(recursive: true);

    [Fact]
    public async Task An_import_that_ends_between_recognizing_and_inspecting_says_nothing_false()
    {
        await using var target = new ScriptedImap();
        await using var source = new ScriptedImap();
        await using var harness = new Harness(source, target);
        await ImportAsync(harness, "");
        // Looked at to be recognized, read, looked at to be inspected.
        var looks = 0;
        var ended = InspectionTests.End(
            target,
            command => command.Name == "UID FETCH" && command.Arguments.Contains("RFC822.SIZE", StringComparison.Ordinal) && ++looks == 2
        );

        await ImportAsync(harness, "Status: RO\r\n");
        Array.ForEach(ended, fault => fault.Healed = true);
        var report = await ImportAsync(harness, "Status: RO\r\n");

        Assert.Equal((RunOutcome.Complete, 0), (report.Outcome, report.Differences.Count));
        Assert.Equal(Count, target.Folders["Letters"].Messages.Count);
        Assert.All(target.Folders["Letters"].Messages, message => Assert.Contains("\\Seen", message.Flags));
    }

    [Fact]
    public async Task Copies_are_read_in_one_go_and_not_message_by_message()
    {
        await using var target = new ScriptedImap();
        await using var source = new ScriptedImap();
        await using var harness = new Harness(source, target);
        await ImportAsync(harness, "");
        var before = Reads(target);

        await ImportAsync(harness, "Status: RO\r\n");

        Assert.InRange(Reads(target) - before, 1, Count - 1);
    }

    private static int Reads(ScriptedImap server) =>
        server.Commands.Count(command =>
            command.Name == "UID FETCH" && command.Arguments.Contains("BODY.PEEK[]", StringComparison.Ordinal)
        );

    private async Task<RunReport> ImportAsync(Harness harness, string flags)
    {
        var mbox = new StringBuilder();
        for (var number = 1; number <= Count; number++)
            mbox.Append(
                $"From ann@example.org Tue Mar  3 09:10:11 2015\r\n{flags}Subject: Letter {number}\r\n\r\nThis is letter {number}.\r\n\r\n"
            );
        await File.WriteAllTextAsync(Path.Combine(_files.FullName, "Letters"), mbox.ToString(), Stop);
        await using var files = await FileSource.OpenAsync(_files.FullName, FileFormat.Mbox, Stop);
        return await harness.RunAsync(
            Stop,
            endpoints: harness.Ends with
            {
                OpenSource = (_, _) => Task.FromResult<IMailSource>(files.Again()),
            }
        );
    }
}
