using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Mail.Connections;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>What an append says of each of its messages, in every way in which messages can be appended.</summary>
public sealed class AppendResultTests
{
    public const string MultiAppend = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND",
        Pipeline = "IMAP4rev1 LITERAL+ UIDPLUS",
        OneByOne = "IMAP4rev1 UIDPLUS";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MultiAppend)]
    [InlineData(Pipeline)]
    [InlineData(OneByOne)]
    public async Task What_is_answered_is_stored_under_its_uid(string capabilities)
    {
        await using var server = new ScriptedImap { Capabilities = capabilities };

        var result = await AppendAsync(server, 5);

        Assert.Null(result.Interruption);
        Assert.Equal([1u, 2, 3, 4, 5], result.Messages.Select(message => message.Uid));
        Assert.All(result.Messages, message => Assert.Equal(AppendState.Stored, message.State));
    }

    [Fact]
    public async Task A_refusal_of_many_at_once_blames_none_of_them()
    {
        await using var server = new ScriptedImap { Capabilities = MultiAppend };
        server.Arm("virus", command => command.Name == "APPEND" ? "NO [CANNOT] virus found" : null);

        var result = await AppendAsync(server, 5);

        Assert.Null(result.Interruption);
        Assert.All(
            result.Messages,
            message => Assert.Equal((AppendState.RefusedTogether, Reason.AppendRefused), (message.State, message.Refusal!.Reason))
        );
    }

    [Theory]
    [InlineData(Pipeline)]
    [InlineData(OneByOne)]
    public async Task A_refusal_of_one_concerns_that_one(string capabilities)
    {
        await using var server = new ScriptedImap { Capabilities = capabilities };
        server.Arm("virus", command => IsLetter(command, 3) ? "NO [CANNOT] virus found" : null);

        var result = await AppendAsync(server, 5);

        Assert.Null(result.Interruption);
        Assert.Equal(
            [AppendState.Stored, AppendState.Stored, AppendState.Refused, AppendState.Stored, AppendState.Stored],
            result.Messages.Select(message => message.State)
        );
        Assert.Equal(Reason.AppendRefused, result.Messages[2].Refusal!.Reason);
    }

    [Theory]
    [InlineData(Pipeline, "NO [UNAVAILABLE] not now", FailureScope.Session)]
    [InlineData(OneByOne, "NO [UNAVAILABLE] not now", FailureScope.Session)]
    [InlineData(Pipeline, "NO [TRYCREATE] there is no such folder", FailureScope.Folder)]
    [InlineData(OneByOne, "NO [TRYCREATE] there is no such folder", FailureScope.Folder)]
    public async Task An_answer_that_concerns_more_than_its_message_ends_the_append_and_fails_no_message(
        string capabilities,
        string answer,
        FailureScope scope
    )
    {
        await using var server = new ScriptedImap { Capabilities = capabilities };
        var refusing = false;
        server.Arm("refusing", command => (refusing |= IsLetter(command, 3)) && command.Name == "APPEND" ? answer : null);

        var result = await AppendAsync(server, 60);

        Assert.Equal(scope, Assert.IsType<MailException>(result.Interruption).Reason.Scope);
        Assert.Equal(
            [AppendState.Stored, AppendState.Stored, .. Enumerable.Repeat(AppendState.NotSent, 58)],
            result.Messages.Select(message => message.State)
        );
        Assert.Equal(2, server.Inbox.Messages.Count);
    }

    [Fact]
    public async Task Of_many_at_once_that_were_refused_for_now_nothing_is_known()
    {
        await using var server = new ScriptedImap { Capabilities = MultiAppend };
        server.Arm("busy", command => command.Name == "APPEND" ? "NO [UNAVAILABLE] not now" : null);

        var result = await AppendAsync(server, 5);

        Assert.Equal(FailureScope.Session, Assert.IsType<MailException>(result.Interruption).Reason.Scope);
        Assert.All(result.Messages, message => Assert.Equal(AppendState.Unknown, message.State));
    }

    [Theory]
    [InlineData(Pipeline)]
    [InlineData(OneByOne)]
    public async Task What_was_answered_before_the_connection_broke_is_known(string capabilities)
    {
        await using var server = new ScriptedImap { Capabilities = capabilities };
        server.Arm("broken", command => IsLetter(command, 3) ? command.Drop() : null);

        var result = await AppendAsync(server, 5);

        Assert.Equal(
            [AppendState.Stored, AppendState.Stored, AppendState.Unknown],
            result.Messages.Take(3).Select(message => message.State)
        );
        Assert.All(result.Messages.Skip(3), message => Assert.Contains(message.State, new[] { AppendState.Unknown, AppendState.NotSent }));
        Assert.Equal(FailureScope.Session, Assert.Throws<MailException>(result.ThrowIfInterrupted).Reason.Scope);
    }

    [Theory]
    [InlineData(Pipeline)]
    [InlineData(OneByOne)]
    public async Task What_was_answered_before_the_call_was_cancelled_is_known(string capabilities)
    {
        var logs = Directory.CreateTempSubdirectory("logs");
        await using var server = new ScriptedImap { Capabilities = capabilities };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var third = new TaskCompletionSource();
        server.Arm("silent", command => IsLetter(command, 3) && third.TrySetResult() ? "" : null);
        await using var target = await OpenAsync(server, logs.FullName);

        var appending = target.AppendAsync(Letters(1, 5), cancel.Token);
        await third.Task.WaitAsync(Stop);
        while (capabilities == Pipeline && !Array.Exists(logs.GetFiles(), log => Read(log).Contains("S: P2 OK", StringComparison.Ordinal)))
            await Task.Delay(10, Stop);
        await cancel.CancelAsync();
        var result = await appending;

        Assert.Equal(
            [AppendState.Stored, AppendState.Stored, AppendState.Unknown],
            result.Messages.Take(3).Select(message => message.State)
        );
        Assert.ThrowsAny<OperationCanceledException>(result.ThrowIfInterrupted);
        logs.Delete(recursive: true);
    }

    [Fact]
    public async Task A_pipeline_that_ended_a_batch_early_serves_the_next_one()
    {
        await using var server = new ScriptedImap { Capabilities = Pipeline };
        var gone = server.Arm("gone", command => command.Name == "APPEND" ? "NO [TRYCREATE] there is no such folder" : null);
        await using var target = await OpenAsync(server);

        var first = await target.AppendAsync(Letters(1, 60), Stop);
        gone.Healed = true;
        var second = await target.AppendAsync(Letters(1, 60), Stop);

        Assert.NotNull(first.Interruption);
        Assert.Null(second.Interruption);
        Assert.Equal(60, server.Inbox.Messages.Count);
    }

    [Theory]
    [InlineData(Pipeline)]
    [InlineData(OneByOne)]
    public async Task A_uid_that_is_no_number_is_no_uid(string capabilities)
    {
        await using var server = new ScriptedImap { Capabilities = capabilities };
        server.Arm("nonsense", command => command.Name == "APPEND" ? "OK [APPENDUID 1 9999999999] done" : null);

        var result = await AppendAsync(server, 2);

        Assert.All(result.Messages, message => Assert.Equal(0u, message.Uid));
    }

    private static bool IsLetter(ScriptedCommand command, int number) =>
        command.Name == "APPEND" && command.Literals.Any(literal => literal.AsSpan().SequenceEqual(ScriptedFolder.Letter(number)));

    private static List<OutgoingMessage> Letters(int first, int count) =>
        [
            .. Enumerable
                .Range(first, count)
                .Select(number =>
                {
                    var letter = ScriptedFolder.Letter(number);
                    return new OutgoingMessage(
                        letter.Length,
                        FlagSet.None,
                        DateTimeOffset.UnixEpoch.AddDays(10_000),
                        () => new MemoryStream(letter, writable: false)
                    );
                }),
        ];

    private static string Read(FileInfo log)
    {
        using var reader = new StreamReader(log.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private static async Task<IMailTarget> OpenAsync(ScriptedImap server, string? logs = null)
    {
        var connector = new ImapConnector(
            Harness.Server(server.Port, "somebody", null),
            DovecotServer.Password,
            logs: logs is null ? null : new ProtocolLogs(logs, TimeProvider.System)
        );
        var target = await connector.OpenTargetAsync(ProcessLease.Instance, Stop);
        await target.OpenAsync(FolderPath.Inbox, Stop);
        return target;
    }

    private static async Task<AppendResult> AppendAsync(ScriptedImap server, int count)
    {
        await using var target = await OpenAsync(server);
        return await target.AppendAsync(Letters(1, count), Stop);
    }
}
