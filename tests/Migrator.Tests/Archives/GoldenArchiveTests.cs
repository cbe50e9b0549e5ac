using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Storage.Blobs.Files;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Archives that version 1 of the format wrote once, and that every version must read as long as it claims to.</summary>
public sealed class GoldenArchiveTests : IDisposable
{
    private const string Passphrase = "Grüße, correct horse";
    private const string OtherPassphrase = "battery staple";
    private const string Write = "MIGRATOR_WRITE_GOLDEN";

    private static readonly string s_golden = Path.Combine(AppContext.BaseDirectory, "Archives", "Golden");
    private static readonly JsonSerializerOptions s_readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("golden");
    private readonly FakeTimeProvider _time = new(GoldenMailbox.SecondRun.AddDays(1));

    public static TheoryData<string, string?> Ways =>
        new()
        {
            { "plain", null },
            { "encrypted", Passphrase },
            { "encrypted", OtherPassphrase },
            { "encrypted", "key file" },
        };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static JsonArray Expected => JsonNode.Parse(File.ReadAllText(Path.Combine(s_golden, "expected.json")))!.AsArray();

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_golden_archive_is_read_exactly(string kind, string? secret)
    {
        var archive = await OpenAsync(kind, Key(secret));
        var expected = Expected;
        foreach (var snapshot in expected.SelectMany(mailbox => mailbox!["snapshots"]!.AsArray()).Select(snapshot => snapshot!.AsObject()))
        {
            // Not to be seen through a source: the backup below and the other reader look at them.
            snapshot.Remove("keys");
            foreach (var message in snapshot["folders"]!.AsArray().SelectMany(folder => folder!["messages"]?.AsArray() ?? []))
                message!.AsObject().Remove("origin");
        }

        var actual = new JsonArray();
        foreach (var account in new[] { GoldenMailbox.Imap, GoldenMailbox.Pop3 })
            actual.Add(new JsonObject { ["mailbox"] = account, ["snapshots"] = await ReadAsync(archive, account) });

        Assert.Equal(expected.ToJsonString(s_readable), actual.ToJsonString(s_readable));
        Assert.Equal(4, (await archive.SnapshotsAsync(null, Stop)).Count);
    }

    [Fact]
    public void What_is_expected_is_what_went_in() =>
        Assert.Equal(GoldenMailbox.Expected().ToJsonString(s_readable), Expected.ToJsonString(s_readable));

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_golden_archive_passes_its_check(string kind, string? secret)
    {
        var report = await new ArchiveCheck(await OpenAsync(kind, Key(secret)), 1).RunAsync(_ => { }, Stop);

        Assert.Empty(report.Problems);
        Assert.Single(
            report.Notes,
            note => note.StartsWith("1 blob is of a kind that this version does not know", StringComparison.Ordinal)
        );
        Assert.Equal(report.Packs, report.PacksRead);
        Assert.Equal(4, report.Snapshots);
    }

    /// <summary>Pages and ids come out as they did then: or everything would be stored a second time.</summary>
    [Theory]
    [InlineData("plain", null)]
    [InlineData("encrypted", OtherPassphrase)]
    public async Task A_backup_carries_a_golden_archive_on_and_finds_nothing_new(string kind, string? passphrase)
    {
        await OpenAsync(kind, Key(passphrase));
        await using var archives = new ArchiveHarness(Store(kind), new MemoryBlobStore(_time), _time, passphrase);
        await (await archives.OpenAsync(Stop)).MarkControlStoreAsync(Stop);
        var before = await archives.Store.ListAsync("", Stop).ToListAsync(Stop);
        GoldenPop3Source? pop3 = null;

        var imapReport = await archives.BackUpAsync(
            GoldenMailbox.Imap,
            (_, _) => Task.FromResult<IMailSource>(GoldenMailbox.ImapSource(second: true)),
            Stop
        );
        var pop3Report = await archives.BackUpAsync(
            GoldenMailbox.Pop3,
            (uidMap, _) => Task.FromResult<IMailSource>(pop3 = new GoldenPop3Source(uidMap, second: true)),
            Stop
        );

        Assert.Equal((RunOutcome.Partial, 0L, 1L), (imapReport.Outcome, imapReport.Total.Delivered, imapReport.Total.Failed));
        Assert.Equal((RunOutcome.Complete, 0L), (pop3Report.Outcome, pop3Report.Total.Delivered));
        Assert.Equal(GoldenMailbox.UidMap(second: true), pop3!.Found);
        Assert.Equal(before, await archives.Store.ListAsync("", Stop).ToListAsync(Stop));
    }

    [Theory]
    [InlineData("plain", null)]
    [InlineData("encrypted", OtherPassphrase)]
    public async Task Prune_and_repair_leave_a_kind_alone_that_they_do_not_know(string kind, string? passphrase)
    {
        var archive = await OpenAsync(kind, Key(passphrase));
        await archive.MarkControlStoreAsync(Stop);

        await new ArchivePrune(archive, new RetentionPolicy(1, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(dryRun: false, _ => { }, Stop);
        await new ArchiveRepair(archive).RunAsync([], _ => { }, Stop);

        Assert.Equal(
            "of a later version",
            await File.ReadAllTextAsync(Path.Combine(_directory.FullName, kind, "later", "of-another-kind"), Stop)
        );
    }

    [Theory]
    [InlineData("Grusse, correct horse")]
    [InlineData("another key file")]
    [InlineData(null)]
    public async Task A_golden_archive_does_not_open_with_another_key(string? secret)
    {
        var failure = await Assert.ThrowsAsync<StorageException>(() => OpenAsync("encrypted", Key(secret)));

        Assert.Equal(Reason.ArchiveKey, failure.Reason);
    }

    /// <summary>A program that shares no code with this one and follows docs/archive-format.md.</summary>
    [Theory]
    [InlineData("plain", null)]
    [InlineData("encrypted", OtherPassphrase)]
    [InlineData("encrypted", "key file")]
    public async Task Another_reader_reads_the_same(string kind, string? secret)
    {
        Assert.SkipUnless(await RunAsync("python3", "--version") is { Code: 0 }, "python3 is not installed.");
        Assert.SkipUnless(await RunAsync("zstd", "--version") is { Code: 0 }, "zstd is not installed: run eng/install-test-servers.sh.");
        string[] key = [];
        if (secret == "key file")
        {
            var file = Path.Combine(_directory.FullName, "key");
            await File.WriteAllBytesAsync(file, GoldenMailbox.KeyFile, Stop);
            key = ["--key-file", file];
        }
        else if (secret is not null)
        {
            key = ["--passphrase", secret];
        }

        var (code, output, error) = await RunAsync(
            "python3",
            [Path.Combine(s_golden, "read_archive.py"), Path.Combine(s_golden, kind), .. key]
        );

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(Expected.ToJsonString(s_readable), JsonNode.Parse(output)!.ToJsonString(s_readable));
    }

    [Fact]
    public async Task Golden_archives_are_written()
    {
        var target = Environment.GetEnvironmentVariable(Write);
        Assert.SkipWhen(
            string.IsNullOrEmpty(target),
            $"Archives are written anew only for a new version of the format, into the directory that {Write} names."
        );
        foreach (var passphrase in new[] { null, Passphrase })
        {
            var store = await WriteAsync(passphrase);
            foreach (var (name, bytes) in store.Blobs)
            {
                var path = Path.Combine(target, passphrase is null ? "plain" : "encrypted", name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, bytes, Stop);
            }
        }
        await File.WriteAllTextAsync(Path.Combine(target, "expected.json"), GoldenMailbox.Expected().ToJsonString(s_readable) + "\n", Stop);
    }

    private static IKeyWrapper? Key(string? secret) =>
        secret switch
        {
            null => null,
            "key file" => SecretKeyWrapper.OfKeyFile(GoldenMailbox.KeyFile),
            "another key file" => SecretKeyWrapper.OfKeyFile(GoldenMailbox.KeyFile[1..]),
            _ => SecretKeyWrapper.OfPassphrase(secret),
        };

    private FileBlobStore Store(string kind) => new(Path.Combine(_directory.FullName, kind), _time);

    /// <summary>Opens a copy.</summary>
    private Task<Archive> OpenAsync(string kind, IKeyWrapper? key)
    {
        var source = Path.Combine(s_golden, kind);
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_directory.FullName, kind, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return Archive.OpenAsync(Store(kind), new MemoryBlobStore(_time), key, _time, Stop);
    }

    private static async Task<JsonArray> ReadAsync(Archive archive, string account)
    {
        var snapshots = new JsonArray();
        string? previous = null;
        foreach (var name in await archive.SnapshotsAsync(account, Stop))
        {
            var snapshot = await archive.ReadAsync(name, Stop);
            Assert.Equal((account, previous), (snapshot.Mailbox, snapshot.Previous));
            previous = name.Name;
            await using var source = await (await ArchiveSource.SessionsAsync(archive, snapshot, Stop))(Stop);
            var folders = new JsonArray();
            foreach (var folder in await source.ListFoldersAsync(Stop))
                folders.Add(
                    GoldenMailbox.FolderJson(
                        folder.Path,
                        folder.Use,
                        folder.Selectable,
                        folder.Subscribed,
                        folder.State?.UidValidity,
                        await MessagesAsync(source, folder),
                        origins: false
                    )
                );
            snapshots.Add(
                GoldenMailbox.SnapshotJson(
                    name.Time,
                    snapshot.Started,
                    snapshot.Finished,
                    JsonNamingPolicy.CamelCase.ConvertName(snapshot.State.ToString()),
                    snapshot.Previous is not null,
                    [
                        .. snapshot.Gaps.Select(gap => new JsonObject
                        {
                            ["folder"] = gap.Folder?.ToString(),
                            ["uid"] = gap.Uid?.Value,
                            ["code"] = gap.Failure.Code,
                        }),
                    ],
                    folders,
                    null
                )
            );
        }
        return snapshots;
    }

    private static async Task<IReadOnlyList<ArchivedMessage>> MessagesAsync(IMailSource source, MailFolder folder)
    {
        if (!folder.Selectable)
            return [];
        await source.OpenAsync(folder.Path, Stop);
        var uids = await source.ListUidsAsync(1, Stop);
        var contents = new Dictionary<Uid, (ContentId Content, long Size)>();
        await source.FetchAsync(uids, new HashingSink((uid, content, _, size) => contents.Add(uid, (content, size))), Stop);
        return
        [
            .. (await source.FetchSummariesAsync(uids, Stop)).Select(message => new ArchivedMessage(
                message.Uid,
                contents[message.Uid].Content,
                contents[message.Uid].Size,
                message.InternalDate,
                null,
                message.Flags
            )),
        ];
    }

    private static async Task<MemoryBlobStore> WriteAsync(string? passphrase)
    {
        var time = new FakeTimeProvider(GoldenMailbox.FirstRun.AddHours(-1));
        var (store, controlStore) = (new MemoryBlobStore(time), new MemoryBlobStore(time));
        var key = passphrase is null ? null : SecretKeyWrapper.OfPassphrase(passphrase);
        await Archive.CreateAsync(store, controlStore, key, 0, time, Stop);
        // Of a kind that this version does not know: to be left alone.
        await using (var draft = await store.DraftAsync(Stop))
        {
            await draft.Content.WriteAsync("of a later version"u8.ToArray(), Stop);
            await draft.CommitAsync("later/of-another-kind", Stop);
        }
        await using var archives = new ArchiveHarness(store, controlStore, time, passphrase);
        foreach (var second in new[] { false, true })
        {
            time.SetUtcNow(second ? GoldenMailbox.SecondRun : GoldenMailbox.FirstRun);
            if (second && key is not null)
                await RotateAsync(store, controlStore, key, time);
            await archives.BackUpAsync(GoldenMailbox.Imap, (_, _) => Task.FromResult<IMailSource>(GoldenMailbox.ImapSource(second)), Stop);
            time.Advance(TimeSpan.FromMinutes(1));
            await archives.BackUpAsync(
                GoldenMailbox.Pop3,
                (uidMap, _) => Task.FromResult<IMailSource>(new GoldenPop3Source(uidMap, second)),
                Stop
            );
        }
        // Packs are merged: index blobs that others supersede are still there.
        await new ArchivePrune(await archives.OpenAsync(Stop), new RetentionPolicy(100, 0, 0, 0, 0), TimeSpan.Zero).RunAsync(
            dryRun: false,
            _ => { },
            Stop
        );
        return store;
    }

    /// <summary>Half of the archive is sealed by another master key than the other half, and all keys open both.</summary>
    private static async Task RotateAsync(MemoryBlobStore store, MemoryBlobStore controlStore, SecretKeyWrapper key, TimeProvider time)
    {
        await new ArchiveKeyRecords(await Archive.OpenAsync(store, controlStore, key, time, Stop)).RotateAsync(key, _ => { }, Stop);
        var keys = new ArchiveKeyRecords(await Archive.OpenAsync(store, controlStore, key, time, Stop));
        await keys.AddAsync(SecretKeyWrapper.OfPassphrase(OtherPassphrase, KeyDerivation.Pbkdf2Sha512), Stop);
        await keys.AddAsync(SecretKeyWrapper.OfKeyFile(GoldenMailbox.KeyFile), Stop);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    StandardOutputEncoding = Encoding.UTF8,
                }
            )!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
            await process.WaitForExitAsync(Stop);
            return (process.ExitCode, await output, await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "", "");
        }
    }
}
