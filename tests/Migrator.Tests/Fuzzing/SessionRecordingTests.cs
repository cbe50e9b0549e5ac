using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Checkpoints;
using Migrator.Core.Jobs;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Tests.Corpus;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Fuzzing;

/// <summary>Sessions with real servers, which are mutated (MIGRATOR_UPDATE_SESSIONS=1 records them again).</summary>
public sealed class SessionRecordingTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string? Skip =>
        Environment.GetEnvironmentVariable("MIGRATOR_UPDATE_SESSIONS") == "1" ? null : "Nothing is to be recorded.";

    [Fact]
    public async Task Record_a_source()
    {
        Assert.SkipWhen(Skip is not null, Skip ?? "");
        var user = await FillAsync();
        await RecordAsync(
            "imap-source-dovecot",
            servers.Old.ImapPort,
            null,
            async port =>
            {
                await using var source = await new ImapConnector(Server(port, user), DovecotServer.Password).OpenSourceAsync(Stop);
                await FuzzMailbox.ReadAsync(source, Stop);
            }
        );
    }

    [Theory]
    [InlineData("imap-target-multiappend", "")]
    [InlineData("imap-target-pipeline", "MULTIAPPEND")]
    [InlineData("imap-target-plain", "MULTIAPPEND|LITERAL+|LIST-EXTENDED|LIST-STATUS|MOVE")]
    public async Task Record_a_target(string name, string hidden)
    {
        Assert.SkipWhen(Skip is not null, Skip ?? "");
        var user = await FillAsync();
        await RecordAsync(
            name,
            servers.Old.ImapPort,
            hidden.Length == 0
                ? null
                : text => hidden.Split('|').Aggregate(text, (changed, word) => changed.Replace($" {word}", "", StringComparison.Ordinal)),
            async port =>
            {
                await using var target = await new ImapConnector(Server(port, user), DovecotServer.Password).OpenTargetAsync(
                    ProcessLease.Instance,
                    Stop
                );
                await ImapTargetTarget.UseAsync(target, Stop);
            }
        );
    }

    [Fact]
    public async Task Record_POP3()
    {
        Assert.SkipWhen(Skip is not null, Skip ?? "");
        var user = await FillAsync();
        await RecordAsync(
            "pop3-dovecot",
            servers.Old.Pop3Port,
            text => Regex.Replace(text, "^(?:PIPELINING|SASL.*)\r\n", "", RegexOptions.Multiline),
            async port =>
            {
                var server = Harness.Server(port, user, null) with { Protocol = MailProtocol.Pop3 };
                await using var source = await new Pop3Connector(
                    server,
                    DovecotServer.Password,
                    new MemoryUidMap(),
                    TimeProvider.System
                ).OpenSourceAsync(Stop);
                await FuzzMailbox.ReadAsync(source, Stop);
            }
        );
    }

    private async Task<string> FillAsync()
    {
        var user = DovecotServer.NewUser("fuzz");
        await using var raw = await servers.Old.LogInAsync(user);
        await raw.CreateAsync("Entw\u00fcrfe");
        foreach (var folder in new[] { "INBOX", "Entw\u00fcrfe" })
        {
            foreach (var message in OddMessages.All.Where(message => !message.OnDisk && message.Bytes.Length < 500).Skip(2).Take(5))
                await raw.AppendAsync(folder, message.Bytes, message.Flags, message.Date);
        }
        return user;
    }

    private static async Task RecordAsync(string name, int port, Func<string, string>? change, Func<int, Task> use)
    {
        await using var proxy = new LoopbackProxy(port) { FromServer = change };
        var recorder = new SessionRecorder();
        recorder.Watch(proxy);
        await use(proxy.Port);
        // It sees what the server said, before that was changed.
        await File.WriteAllTextAsync(
            Path.Combine(Sessions(), $"{name}.txt"),
            change?.Invoke(recorder.Text) ?? recorder.Text,
            Encoding.Latin1,
            Stop
        );
    }

    private static MailServer Server(int port, string user) => Harness.Server(port, user, null) with { Auth = AuthMethod.Plain };

    private static string Sessions([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Sessions");
}
