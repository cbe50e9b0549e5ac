using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Mail.Pop3;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>An answer too many, or one that is left out, makes each that follows look like another message's. All letters are of one size,
/// so that nothing but the order of the answers tells them apart.</summary>
public sealed class Pop3StepTests
{
    private const string Pipelining = "USER,UIDL,TOP,PIPELINING";
    private const string OneByOne = "USER,UIDL,TOP";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Pipelining, "twice")]
    [InlineData(Pipelining, "another message's first")]
    [InlineData(Pipelining, "a refusal first")]
    [InlineData(Pipelining, "a refusal afterwards")]
    [InlineData(Pipelining, "nothing")]
    [InlineData(OneByOne, "twice")]
    [InlineData(OneByOne, "another message's first")]
    [InlineData(OneByOne, "a refusal first")]
    [InlineData(OneByOne, "a refusal afterwards")]
    public async Task No_message_is_stored_in_the_place_of_another(string capabilities, string said)
    {
        await using var nights = await BeginAsync(Letters(1, 9));
        nights.Server.Capabilities = capabilities;
        var fired = 0;
        nights.Server.Instead = (command, honest) =>
            command == "RETR 3" && fired++ == 0 ? new HostileAnswer(Encoding.Latin1.GetBytes(Said(said, Text(honest())))) : null;

        var report = await nights.BackUpAsync();

        Assert.True(fired > 0);
        var all = Letters(1, 9).Select(mail => mail.Text).ToList();
        var stored = await nights.StoredAsync();
        Assert.True(report.Outcome != RunOutcome.Complete || stored.SequenceEqual(all), string.Join('|', stored));
        await nights.BackUpAllAsync();
        Assert.Equal(all, await nights.StoredAsync());
    }

    /// <summary>What comes too late to be there when the next message is asked for.</summary>
    [Theory]
    [InlineData(Pipelining)]
    [InlineData(OneByOne)]
    public async Task A_server_that_is_always_one_answer_late_is_noticed(string capabilities)
    {
        await using var nights = await BeginAsync(Letters(1, 9));
        nights.Server.Capabilities = capabilities;
        var (late, began) = (new Queue<byte[]>(), false);
        nights.Server.Instead = (command, honest) =>
        {
            // A second answer to the first RETR, of the first session.
            if (command == "RETR 2" && !began)
            {
                began = true;
                late.Enqueue(Encoding.Latin1.GetBytes($"+OK\r\n{Letter(1)}.\r\n"));
            }
            if (command.Length == 0)
                late.Clear();
            if (late.Count == 0)
                return null;
            late.Enqueue(honest());
            return new HostileAnswer(late.Dequeue());
        };

        await nights.BackUpAllAsync();

        Assert.True(began);
        Assert.Equal(Letters(1, 9).Select(mail => mail.Text), await nights.StoredAsync());
    }

    [Fact]
    public async Task Nothing_is_deleted_while_an_answer_is_left_over()
    {
        await using var nights = await BeginAsync(Letters(1, 3));
        await nights.BackUpAllAsync();
        var fired = false;
        nights.Server.Instead = (command, honest) =>
        {
            // The last one before the deletion. One answer too many, and the refusal of QUIT would be taken for no answer at all.
            if (command == "QUIT")
                return new HostileAnswer("-ERR some messages not removed\r\n"u8.ToArray());
            if (command != "STAT" || nights.Server.Commands.TakeLast(2).First() != "RETR 3")
                return null;
            fired = true;
            return new HostileAnswer([.. honest(), .. "+OK\r\n"u8]);
        };

        var report = await nights.BackUpAsync(deleteAfterDays: 0);

        Assert.True(fired);
        Assert.Equal((0, 0), (report.RemovedAtSource, nights.Server.Count("DELE")));
    }

    [Fact]
    public async Task No_UID_is_given_by_a_listing_that_may_be_another_answer()
    {
        await using var server = new ScriptedPop3(Letters(1, 3))
        {
            Instead = (command, honest) => command == "UIDL" ? new HostileAnswer([.. honest(), .. "+OK\r\n"u8]) : null,
        };
        var uidMap = new MemoryUidMap();

        await Assert.ThrowsAsync<MailException>(() => OpenAsync(server, uidMap));

        Assert.Empty(await uidMap.ReadAsync(Stop));
    }

    [Fact]
    public async Task A_server_that_was_out_of_step_is_asked_for_one_message_at_a_time()
    {
        await using var server = new ScriptedPop3(Letters(1, 9))
        {
            Instead = (command, honest) => command == "RETR 3" ? new HostileAnswer([.. honest(), .. honest()]) : null,
        };
        var pipelining = new Pop3Pipelining();
        await using (var session = await OpenAsync(server, pipelining: pipelining))
            await Assert.ThrowsAsync<MailException>(() => session.FetchAsync([1, 2, 3, 4], new ReceivedMail(), Stop));
        server.Instead = null;
        await using var next = await OpenAsync(server, pipelining: pipelining);
        server.ForgetCommands();

        await next.FetchAsync([1, 2], new ReceivedMail(), Stop);

        Assert.Equal(["RETR 1", "RETR 2", "STAT"], server.Commands);
    }

    /// <summary>Nearly no round trip more than there are messages.</summary>
    [Fact]
    public async Task One_proof_holds_for_many_small_messages_where_commands_are_not_pipelined()
    {
        await using var server = new ScriptedPop3([.. Letters(100, 90), new ScriptedMail("large", Letter(1, Large))])
        {
            Capabilities = OneByOne,
        };
        await using var session = await OpenAsync(server);
        server.ForgetCommands();
        var received = new ReceivedMail();

        await session.FetchAsync([.. Enumerable.Range(1, 91).Select(uid => (Uid)(uint)uid)], received, Stop);

        Assert.Equal(91, received.Messages.Count);
        Assert.Equal(4, server.Count("STAT"));
    }

    /// <summary>They would have to be held in memory, or be open at the same time.</summary>
    [Fact]
    public async Task A_large_message_is_proved_alone()
    {
        await using var server = new ScriptedPop3([
            new ScriptedMail("a", Letter(1)),
            new ScriptedMail("b", Letter(2, Large)),
            new ScriptedMail("c", Letter(3)),
        ])
        {
            Capabilities = OneByOne,
        };
        await using var session = await OpenAsync(server);
        server.ForgetCommands();
        var received = new ReceivedMail();

        await session.FetchAsync([1, 2, 3], received, Stop);

        Assert.Equal(["RETR 1", "STAT", "RETR 2", "STAT", "RETR 3", "STAT"], server.Commands);
        Assert.Equal(server.Mail.Select(mail => mail.Text), received.Messages.Values);
    }

    [Fact]
    public async Task Mail_that_arrives_meanwhile_and_is_counted_ends_no_session()
    {
        await using var server = new ScriptedPop3(Letters(1, 3));
        await using var session = await OpenAsync(server);
        server.Answer = command => command == "STAT" ? "+OK 4 1000\r\n" : null;
        var received = new ReceivedMail();

        await session.FetchAsync([1, 2, 3], received, Stop);

        Assert.Equal(Letters(1, 3).Select(mail => mail.Text), received.Messages.Values);
    }

    private static string Large => string.Concat(Enumerable.Repeat($"{new string('x', 70)}\r\n", 20_000));

    private static async Task<IMailSource> OpenAsync(ScriptedPop3 server, IUidMap? uidMap = null, Pop3Pipelining? pipelining = null)
    {
        var session = await new Pop3Connector(Address(server), DovecotServer.Password, uidMap ?? NullUidMap.Instance, TimeProvider.System)
        {
            Pipelining = pipelining ?? new Pop3Pipelining(),
        }.OpenSourceAsync(Stop);
        await session.OpenAsync(FolderPath.Inbox, Stop);
        return session;
    }

    private static string Said(string what, string honest) =>
        what switch
        {
            "twice" => honest + honest,
            "another message's first" => $"+OK\r\n{Letter(7)}.\r\n{honest}",
            "a refusal first" => $"-ERR no\r\n{honest}",
            "a refusal afterwards" => $"{honest}-ERR no\r\n",
            _ => "",
        };

    private static string Text(byte[] answer) => Encoding.Latin1.GetString(answer);
}
