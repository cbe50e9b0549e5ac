using Migrator.Core.Failures;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Tests.Memory;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Recovery;

/// <summary>Servers that say so little that they only hold the connection: a byte now and then, which no limit on silence
/// notices.</summary>
public sealed class StalledConnectionTests
{
    private const string Letter = "Subject: One\r\n\r\nHello.\r\n";

    // At a byte now and then, it would take more than an hour.
    private const int Slow = 100_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_comes_a_byte_at_a_time_costs_only_itself()
    {
        await using var source = new HostileServer(connection => ImapAsync(connection, slowLogin: false));
        await using var unused = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(unused, target);
        var ends = harness.Ends with
        {
            OpenSource = (_, stop) =>
                new ImapConnector(Harness.Server(source.Port, "ann", null), "secret", new JumpingClock()).OpenSourceAsync(stop),
        };

        var report = await harness.RunAsync(Stop, new ImmediateClock(), ends).WaitAsync(TimeSpan.FromMinutes(2), Stop);

        Assert.Equal((RunOutcome.Partial, 1, 1), (report.Outcome, report.Total.Delivered, report.Total.Failed));
        Assert.True(source.Accepted > 3, "It was not tried again.");
    }

    [Fact]
    public async Task A_login_that_is_answered_a_byte_at_a_time_is_given_up()
    {
        await using var imap = new HostileServer(connection => ImapAsync(connection, slowLogin: true));
        await using var pop3 = new HostileServer(Pop3Async);
        var at = new TaskCompletionSource();
        at.SetResult();

        var lost = await Assert.ThrowsAsync<MailException>(() =>
            new ImapConnector(Harness.Server(imap.Port, "ann", null), "secret", new SteppingClock(at.Task)).OpenSourceAsync(Stop)
        );
        Assert.Equal(Reason.ConnectionLost, lost.Reason);
        Assert.Contains("did not end the login", lost.Message);

        lost = await Assert.ThrowsAsync<MailException>(() =>
            new Pop3Connector(
                Harness.Server(pop3.Port, "ann", null),
                "secret",
                new MemoryUidMap(),
                TimeProvider.System,
                connectionTime: new SteppingClock(at.Task)
            ).OpenSourceAsync(Stop)
        );
        Assert.Equal(Reason.ConnectionLost, lost.Reason);
        Assert.Contains("did not end the login", lost.Message);
    }

    private static async Task ImapAsync(HostileServer.Connection connection, bool slowLogin)
    {
        await connection.SayAsync("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ UIDPLUS] ready\r\n");
        while (await connection.ReadAsync() is { } line && line.Split(' ', 3) is [var tag, var command, ..] words)
        {
            var arguments = words.Length > 2 ? words[2] : "";
            switch (command == "UID" ? arguments.Split(' ')[0] : command)
            {
                case "AUTHENTICATE" or "LOGIN" when slowLogin:
                    await connection.SayAsync("* OK ");
                    await connection.DripAsync();
                    break;
                case "CAPABILITY":
                    await connection.SayAsync("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ UIDPLUS\r\n");
                    break;
                case "LIST" or "LSUB":
                    await connection.SayAsync($"* {command} () \"/\" INBOX\r\n");
                    break;
                case "STATUS":
                    await connection.SayAsync("* STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1)\r\n");
                    break;
                case "SELECT" or "EXAMINE":
                    await connection.SayAsync("* FLAGS (\\Seen)\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n* OK [UIDNEXT 3] next\r\n");
                    break;
                case "SEARCH":
                    await connection.SayAsync("* SEARCH 1 2\r\n");
                    break;
                case "FETCH":
                    await FetchAsync(connection, arguments);
                    break;
                case "LOGOUT":
                    await connection.SayAsync($"* BYE\r\n{tag} OK bye\r\n");
                    return;
            }
            await connection.SayAsync($"{tag} OK {(command is "EXAMINE" ? "[READ-ONLY] " : "")}done\r\n");
        }
    }

    private static async Task FetchAsync(HostileServer.Connection connection, string arguments)
    {
        var withBody = arguments.Contains("BODY.PEEK[]", StringComparison.OrdinalIgnoreCase);
        foreach (
            var uid in new[] { 1, 2 }.Where(uid =>
                arguments.Split(' ')[1] is var set && (set.Contains(':') || set.Split(',').Contains($"{uid}"))
            )
        )
        {
            await connection.SayAsync(
                withBody
                    ? $"* {uid} FETCH (UID {uid} BODY[] {{{(uid == 1 ? Slow : Letter.Length)}}}\r\n"
                    : $"* {uid} FETCH (UID {uid} FLAGS (\\Seen) INTERNALDATE \"01-Jan-2026 00:00:00 +0000\" RFC822.SIZE "
                        + $"{(uid == 1 ? Slow : Letter.Length)})\r\n"
            );
            if (withBody && uid == 1)
                await connection.DripAsync();
            if (withBody)
                await connection.SayAsync($"{Letter})\r\n");
        }
    }

    private static async Task Pop3Async(HostileServer.Connection connection)
    {
        await connection.SayAsync("+OK ready\r\n");
        while (await connection.ReadAsync() is { } line)
        {
            if (line.StartsWith("USER", StringComparison.Ordinal))
                await connection.DripAsync();
            await connection.SayAsync(line == "CAPA" ? "+OK\r\nUSER\r\nUIDL\r\n.\r\n" : "+OK\r\n");
        }
    }

    /// <summary>By its clock, three seconds are ten minutes. Timers run as always: silence is not what is tried here.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private readonly long _start = System.GetTimestamp();

        public override long GetTimestamp() => 200 * (base.GetTimestamp() - _start);
    }
}
