using System.Globalization;
using System.Text;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Archives;

/// <summary>Messages that several folders of a snapshot contain are sent once; the target makes the other copies.</summary>
public sealed class SharedRestoreTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_day = DateTimeOffset.UnixEpoch.AddDays(10_000);

    private readonly ArchiveHarness _archive = new(new MemoryBlobStore(), new MemoryBlobStore());
    private readonly MemoryMailSource _source = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _archive.CreateAsync(Stop);

    public ValueTask DisposeAsync() => _archive.DisposeAsync();

    [Fact]
    public async Task A_message_of_several_folders_is_sent_once()
    {
        foreach (var folder in (string[])["INBOX", "Archive", "Work"])
            Fill(folder, 0, 20);
        Fill("Work", 20, 5);
        await using var target = new ScriptedImap();

        var report = await RestoreAsync(target.Port);

        Assert.Equal((RunOutcome.Complete, 65), (report.Outcome, report.Total.Delivered));
        Assert.Equal(25, Sent(target));
        AssertRestored(target);
    }

    /// <summary>What is the same but for its date or a flag that the other lacks, and what a folder contains twice.</summary>
    [Fact]
    public async Task What_differs_or_is_there_twice_is_restored_as_it_was()
    {
        Fill("INBOX", 0, 4);
        Add("INBOX", Letter(0), "", s_day);
        Add("Archive", Letter(0), "\\Seen", s_day);
        Add("Archive", Letter(1), "", s_day.AddDays(1));
        Add("Archive", Letter(2), "\\Seen \\Flagged", s_day.AddDays(2));
        Add("Archive", Letter(2), "\\Seen", s_day.AddDays(2));
        Add("Archive", Letter(3), "", s_day.AddDays(9));
        await using var target = new ScriptedImap();

        var report = await RestoreAsync(target.Port);

        Assert.Equal((RunOutcome.Complete, 10), (report.Outcome, report.Total.Delivered));
        AssertRestored(target);
    }

    [Fact]
    public async Task A_target_that_does_not_tell_UIDs_of_copies_gets_each()
    {
        Fill("INBOX", 0, 5);
        Fill("Archive", 0, 5);
        await using var target = new ScriptedImap();
        target.Capabilities = target.Capabilities.Replace("UIDPLUS ", "", StringComparison.Ordinal);

        var report = await RestoreAsync(target.Port);

        Assert.Equal((RunOutcome.Complete, 10, 10), (report.Outcome, report.Total.Delivered, Sent(target)));
        AssertRestored(target);
    }

    /// <summary>Of a copy, Gmail makes a label; of what is sent twice, it knows only by the Message-ID that it is the same.</summary>
    [Fact]
    public async Task Gmail_has_a_message_once_that_has_no_Message_ID()
    {
        byte[] letter = [.. "From: a@example.org\r\nSubject: no number\r\n\r\nthe same\r\n"u8];
        foreach (var folder in (string[])["INBOX", "Receipts", "Work"])
            Add(folder, letter, "\\Seen", s_day);
        await using var gmail = await GmailServer.StartAsync();

        var report = await RestoreAsync(gmail.Port);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        var message = Assert.Single(await gmail.MessagesAsync("bob"));
        Assert.Equal("INBOX|Receipts|Work|[Gmail]/All Mail", message.Folders);
    }

    private void Fill(string folder, int from, int count)
    {
        for (var number = from; number < from + count; number++)
            Add(folder, Letter(number), number % 2 == 0 ? "\\Seen" : "", s_day.AddDays(number));
    }

    private void Add(string folder, byte[] content, string flags, DateTimeOffset date)
    {
        var path = FolderPath.Parse(folder);
        if (_source.Folders.Find(candidate => candidate.Path == path) is not { } found)
            _source.Folders.Add(found = new MemoryMailSource.Folder(path));
        found.Add(content, flags, date);
    }

    private async Task<RunReport> RestoreAsync(int port)
    {
        await _archive.BackUpAsync("ann", (_, _) => Task.FromResult<IMailSource>(_source.Session()), Stop);
        return await _archive.RestoreAsync(
            await _archive.LatestAsync("ann", Stop),
            "bob",
            new ImapConnector(Harness.Server(port, "bob", null), DovecotServer.Password).OpenTargetAsync,
            Stop
        );
    }

    private void AssertRestored(ScriptedImap target)
    {
        foreach (var folder in _source.Folders)
            Assert.Equal(
                folder.Messages.Values.Select(message => Line(message.Bytes, message.Flags, message.InternalDate)).Order(),
                target
                    .Folders[folder.Path.ToString()]
                    .Messages.Select(message =>
                        Line(
                            message.Content,
                            FlagSet.Parse(string.Join(' ', message.Flags.Where(flag => flag != "\\Recent"))),
                            DateTimeOffset.Parse(message.InternalDate.Trim('"'), CultureInfo.InvariantCulture)
                        )
                    )
                    .Order()
            );

        static string Line(byte[] content, FlagSet flags, DateTimeOffset date) => $"{date:u} {flags} {Encoding.Latin1.GetString(content)}";
    }

    private static int Sent(ScriptedImap target) =>
        target.Commands.Where(command => command.Name == "APPEND").Sum(command => command.Literals.Count);
}
