using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>A server that numbers a folder again for each connection, as Courier does until a client has opened it for writing.</summary>
public sealed class UnsteadyFolderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_stores_it_over_one_connection()
    {
        await using var source = new ScriptedImap { Capabilities = "IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE" };
        await using var archives = new ArchiveHarness(new MemoryBlobStore(TimeProvider.System), new MemoryBlobStore(TimeProvider.System));
        source.Inbox.Fill(700);
        foreach (var (index, name) in new[] { "Work", "Later", "Never" }.Index())
        {
            source.Folders[name] = new ScriptedFolder();
            source.Folders[name].Fill(600, 1000 * (index + 1));
        }
        source.Before = command =>
        {
            if (command is { Name: "EXAMINE" or "STATUS", Folder: { } name } && source.Folders.TryGetValue(name, out var folder))
                folder.UidValidity += (uint)command.Session.Number;
        };
        await archives.CreateAsync(Stop);
        var connector = new ImapConnector(Harness.Server(source.Port, "ann", null), DovecotServer.Password);

        var report = await archives.BackUpAsync("ann", (_, stop) => connector.OpenSourceAsync(stop), Stop);

        Assert.Equal((RunOutcome.Complete, 2500L, 2500L), (report.Outcome, report.Total.Found, report.Total.Delivered));
        Assert.Equal(2500, (await archives.LatestAsync("ann", Stop)).Messages);
    }
}
