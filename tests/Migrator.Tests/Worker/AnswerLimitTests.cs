using System.Globalization;
using Migrator.App.Output;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Servers that say more than any server has to say, against the real program: how much memory it took is read where the operating
/// system counts it.</summary>
public sealed class AnswerLimitTests : IDisposable
{
    // The program itself takes a hundred; twice as much again would be what a server made it take.
    private const long MostMemory = 250_000_000;

    private const string Letter = "From: a@example.org\r\nSubject: One\r\n\r\nHello.\r\n";

    private readonly string _state = Directory.CreateTempSubdirectory("migrator").FullName;

    public static TheoryData<string, string> ImapAttacks =>
        new()
        {
            { "greeting", "before the login was over" },
            { "login line", "before the login was over" },
            { "login lines", "before the login was over" },
            { "folders", "more than 100,000 folders" },
            { "folder line", "the name of a folder" },
            { "folder literal", "the name of a folder that has 2,000,000,000 bytes" },
            { "deep folder", "levels deep" },
            { "nested folder", "lists in lists" },
            { "search line", "a line of more than" },
            { "status lines", "more than 1,000,000 lines" },
            { "nested structure", "lists in lists" },
            { "answers about messages", "more than 100,000 messages" },
            { "long message", "the server announced 107 bytes and sends 2,000,000,000" },
            { "endless message", "the connection" },
        };

    [Theory]
    [MemberData(nameof(ImapAttacks))]
    public async Task An_IMAP_server_that_says_too_much_costs_its_mailbox_alone(string attack, string said)
    {
        await using var source = new HostileServer(connection => ImapAsync(connection, attack));
        await using var target = new ScriptedImap();

        var (code, output, peak) = await MeasureAsync(
            "copy",
            $"imap://ann@localhost:{source.Port}?tls=none",
            $"imap://bob@localhost:{target.Port}?tls=none",
            "--json"
        );

        Assert.True(code is not ExitCode.Success, output);
        Assert.True(output.Contains(said, StringComparison.Ordinal), output);
        Assert.DoesNotContain("   at ", output);
        Assert.True(peak < MostMemory, $"{attack}: {peak:N0} bytes of memory");
        if (attack is "long message" or "endless message")
            Assert.Single(target.Inbox.Messages);
        // What was refused is nowhere on the disk.
        Assert.True(Directory.EnumerateFiles(_state, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) < 10_000_000);
    }

    [Theory]
    [InlineData("greeting", "line without end")]
    [InlineData("capabilities", "answer to CAPA does not end")]
    [InlineData("sizes", "answer to LIST does not end")]
    [InlineData("ids", "answer to UIDL does not end")]
    [InlineData("many sizes", "answer to LIST does not end")]
    [InlineData("many ids", "answer to UIDL does not end")]
    [InlineData("count", "the server counts 2,000,000 messages")]
    [InlineData("message", "does not end it")]
    public async Task A_POP3_server_that_says_too_much_costs_its_mailbox_alone(string attack, string said)
    {
        await using var source = new HostileServer(connection => Pop3Async(connection, attack));
        await using var target = new ScriptedImap();

        var (code, output, peak) = await MeasureAsync(
            "copy",
            $"pop3://ann@localhost:{source.Port}?tls=none",
            $"imap://bob@localhost:{target.Port}?tls=none",
            "--json"
        );

        Assert.True(code is not ExitCode.Success, output);
        Assert.True(output.Contains(said, StringComparison.Ordinal), output);
        Assert.DoesNotContain("   at ", output);
        Assert.True(peak < MostMemory, $"{attack}: {peak:N0} bytes of memory");
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    private async Task<(int Code, string Output, long Peak)> MeasureAsync(params string[] arguments)
    {
        using var process = MigratorProcess.Start(_state, arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        var (ending, peak) = (process.EndAsync(), 0L);
        while (await Task.WhenAny(ending, Task.Delay(50, limit.Token)) != ending)
        {
            limit.Token.ThrowIfCancellationRequested();
            peak = Math.Max(peak, PeakOf(process.Id));
        }
        var (code, output, errors) = await ending;
        return (code, output + errors, peak);
    }

    private static long PeakOf(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null
                ? 0
                : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task ImapAsync(HostileServer.Connection connection, string attack)
    {
        if (attack == "greeting")
        {
            await connection.SayAsync("* OK ");
            await connection.FloodAsync("A");
        }
        await connection.SayAsync("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ UIDPLUS] ready\r\n");
        while (await connection.ReadAsync() is { } line && line.Split(' ', 3) is [var tag, var command, ..] words)
        {
            var arguments = words.Length > 2 ? words[2] : "";
            switch (command.ToUpperInvariant() == "UID" ? arguments.Split(' ')[0].ToUpperInvariant() : command.ToUpperInvariant())
            {
                case "AUTHENTICATE" or "LOGIN" when attack == "login line":
                    await connection.SayAsync("* OK ");
                    await connection.FloodAsync("A");
                    break;
                case "AUTHENTICATE" or "LOGIN" when attack == "login lines":
                    await connection.FloodAsync("* OK still here\r\n");
                    break;
                case "CAPABILITY":
                    await connection.SayAsync("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ UIDPLUS\r\n");
                    break;
                case "LIST" or "LSUB" when !arguments.StartsWith("\"\" \"\"", StringComparison.Ordinal):
                    await ListAsync(connection, attack, command);
                    break;
                case "LIST":
                    await connection.SayAsync("* LIST (\\Noselect) \"/\" \"\"\r\n");
                    break;
                case "STATUS":
                    await connection.SayAsync("* STATUS INBOX (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1)\r\n");
                    break;
                case "SELECT" or "EXAMINE":
                    await connection.SayAsync("* FLAGS (\\Seen)\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n* OK [UIDNEXT 3] next\r\n");
                    if (attack == "status lines")
                        await connection.FloodAsync("* OK still here\r\n");
                    break;
                case "SEARCH" when attack == "search line":
                    await connection.SayAsync("* SEARCH");
                    await connection.FloodAsync(number => $" {10 * (long)number}");
                    break;
                case "SEARCH":
                    await connection.SayAsync("* SEARCH 1 2\r\n");
                    break;
                case "FETCH":
                    await FetchAsync(connection, attack, arguments);
                    break;
                case "LOGOUT":
                    await connection.SayAsync($"* BYE\r\n{tag} OK bye\r\n");
                    return;
            }
            await connection.SayAsync($"{tag} OK {(command is "EXAMINE" ? "[READ-ONLY] " : "")}done\r\n");
        }
    }

    private static async Task ListAsync(HostileServer.Connection connection, string attack, string command)
    {
        var beginning = $"* {command} (\\HasNoChildren) \"/\" ";
        await connection.SayAsync($"{beginning}INBOX\r\n");
        switch (attack)
        {
            case "folders":
                await connection.FloodAsync(number => $"{beginning}Folder{number}\r\n");
                break;
            case "folder line":
                await connection.SayAsync($"{beginning}\"");
                await connection.FloodAsync("A");
                break;
            case "folder literal":
                await connection.SayAsync($"{beginning}{{2000000000}}\r\n");
                await connection.FloodAsync("A");
                break;
            case "deep folder":
                await connection.SayAsync($"{beginning}{string.Join('/', Enumerable.Repeat("d", 2000))}\r\n");
                break;
            case "nested folder":
                await connection.SayAsync($"* {command} ");
                await connection.FloodAsync("(");
                break;
        }
    }

    private static async Task FetchAsync(HostileServer.Connection connection, string attack, string arguments)
    {
        var withBody = arguments.Contains("BODY.PEEK[]", StringComparison.OrdinalIgnoreCase);
        if (attack == "nested structure" && withBody)
        {
            await connection.SayAsync("* 1 FETCH (UID 1 BODYSTRUCTURE ");
            await connection.FloodAsync("(");
        }
        if (attack == "answers about messages" && !withBody)
            await connection.FloodAsync(number =>
                $"* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"01-Jan-2026 00:00:00 +0000\" RFC822.SIZE {number})\r\n"
            );
        if (attack is "long message" or "endless message" && withBody && IsAsked(arguments, 1))
        {
            await connection.SayAsync($"* 1 FETCH (UID 1 BODY[] {{{(attack == "long message" ? 2_000_000_000 : 40_000_000_000)}}}\r\n");
            await connection.FloodAsync(new string('A', 998) + "\r\n");
        }
        foreach (var uid in new[] { 1, 2 }.Where(uid => IsAsked(arguments, uid)))
        {
            await connection.SayAsync(
                withBody
                    ? $"* {uid} FETCH (UID {uid} BODY[] {{{Letter.Length}}}\r\n{Letter})\r\n"
                    : $"* {uid} FETCH (UID {uid} FLAGS (\\Seen) INTERNALDATE \"01-Jan-2026 00:00:00 +0000\" RFC822.SIZE "
                        + $"{(attack == "long message" && uid == 1 ? 107 : Letter.Length)})\r\n"
            );
        }
    }

    private static bool IsAsked(string arguments, int uid) =>
        arguments.Split(' ')[1] is var set && (set.Contains(':') || set.Split(',').Contains($"{uid}"));

    private static async Task Pop3Async(HostileServer.Connection connection, string attack)
    {
        await connection.SayAsync("+OK ");
        if (attack == "greeting")
            await connection.FloodAsync("A");
        await connection.SayAsync("ready\r\n");
        while (await connection.ReadAsync() is { } line)
        {
            var many = attack.StartsWith("many ", StringComparison.Ordinal);
            switch (line.Split(' ')[0].ToUpperInvariant())
            {
                case "CAPA" when attack == "capabilities":
                    await connection.SayAsync("+OK\r\n");
                    await connection.FloodAsync("XYZ\r\n");
                    break;
                case "CAPA":
                    await connection.SayAsync("+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n");
                    break;
                case "STAT":
                    await connection.SayAsync(
                        attack == "count" ? "+OK 2000000 1\r\n"
                        : many ? "+OK 450000 45000000\r\n"
                        : "+OK 2 200\r\n"
                    );
                    break;
                case "LIST" when attack is "sizes" or "many sizes":
                    await connection.SayAsync("+OK\r\n");
                    await connection.FloodAsync(number => $"{number} 100\r\n");
                    break;
                case "LIST" when many:
                    await connection.SayAsync(
                        $"+OK\r\n{string.Concat(Enumerable.Range(1, 450_000).Select(number => $"{number} 100\r\n"))}.\r\n"
                    );
                    break;
                case "LIST":
                    await connection.SayAsync("+OK\r\n1 100\r\n2 100\r\n.\r\n");
                    break;
                case "UIDL" when attack is "ids" or "many ids":
                    await connection.SayAsync("+OK\r\n");
                    await connection.FloodAsync(number => $"{number} {new string('u', 60)}{number:d10}\r\n");
                    break;
                case "UIDL":
                    await connection.SayAsync("+OK\r\n1 a\r\n2 b\r\n.\r\n");
                    break;
                case "RETR" when attack == "message":
                    await connection.SayAsync("+OK\r\nSubject: x\r\n\r\n");
                    await connection.FloodAsync(new string('A', 998) + "\r\n");
                    break;
                case "QUIT":
                    await connection.SayAsync("+OK bye\r\n");
                    return;
                default:
                    await connection.SayAsync("+OK\r\n");
                    break;
            }
        }
    }
}
