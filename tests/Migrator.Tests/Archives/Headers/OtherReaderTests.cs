using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Storage.Blobs.Files;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Archives.Headers;

/// <summary>A program that shares no code with this one reads header segments as docs/archive-format.md says.</summary>
public sealed class OtherReaderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("headers");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(null)]
    [InlineData("battery staple")]
    public async Task Another_reader_reads_the_same_headers(string? passphrase)
    {
        var mailbox = new MemoryMailSource();
        var inbox = mailbox.Add("INBOX");
        string[] letters =
        [
            "From: a@old.example\r\nX-No: x\r\nSubject: one\r\n two\r\nMessage-ID: <1@old.example>\r\n\r\nBody.\r\n",
            "Subject: caf\u00e9\nTo:x\n\n",
            "\r\nNo header.\r\n",
            $"To: {new string('t', 5000)}\r\nReferences: <1@old.example>\r\n\r\n",
        ];
        foreach (var letter in letters)
            inbox.Add(Encoding.Latin1.GetBytes(letter));
        await using (
            var archives = new ArchiveHarness(
                new FileBlobStore(_directory.FullName, TimeProvider.System),
                new MemoryBlobStore(TimeProvider.System),
                passphrase: passphrase
            )
        )
        {
            await archives.CreateAsync(Stop);
            Assert.Equal(
                RunOutcome.Complete,
                (await archives.BackUpAsync(MemoryArchive.Account, (_, _) => Task.FromResult<IMailSource>(mailbox.Session()), Stop)).Outcome
            );
        }

        var records = (await ReadAsync(passphrase, "--headers")).AsArray();
        var mailboxes = (await ReadAsync(passphrase)).AsArray();

        string[][] fields =
        [
            ["From= a@old.example", "Subject= one\r\n two", "Message-ID= <1@old.example>"],
            ["Subject= caf\u00e9", "To=x"],
            [],
            [$"To= {new string('t', 4095)} cut", "References= <1@old.example>"],
        ];
        Assert.Equal(
            letters
                .Zip(fields)
                .Select(letter =>
                    $"{ContentId.Of(Encoding.Latin1.GetBytes(letter.First))} {letter.First.Length} {letter.First.Length > 5000} "
                    + $"{string.Join('|', letter.Second)}"
                )
                .Order(StringComparer.Ordinal),
            records
                .Select(record =>
                    $"{record!["sha256"]} {record["size"]} {record["cut"]!.GetValue<bool>()} "
                    + string.Join(
                        '|',
                        record["fields"]!
                            .AsArray()
                            .Select(field => $"{field!["name"]}={field["body"]}{(field["cut"]!.GetValue<bool>() ? " cut" : "")}")
                    )
                )
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(4, mailboxes.Single()!["snapshots"]![0]!["folders"]![0]!["messages"]!.AsArray().Count);
    }

    private async Task<JsonNode> ReadAsync(string? passphrase, params string[] arguments)
    {
        string[] key = passphrase is null ? [] : ["--passphrase", passphrase];
        Process process;
        try
        {
            process = Process.Start(
                new ProcessStartInfo(
                    "python3",
                    [
                        Path.Combine(AppContext.BaseDirectory, "Archives", "Golden", "read_archive.py"),
                        _directory.FullName,
                        .. key,
                        .. arguments,
                    ]
                )
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    StandardOutputEncoding = Encoding.UTF8,
                }
            )!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("python3 is not installed.");
            throw;
        }
        using (process)
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
            await process.WaitForExitAsync(Stop);
            Assert.Equal((0, ""), (process.ExitCode, await error));
            return JsonNode.Parse(await output)!;
        }
    }
}
