using System.Text.RegularExpressions;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>The old Courier that is simulated says what a real Courier says, but for what is set.</summary>
public sealed partial class CourierLikeServerTests
{
    private const string Ann = OtherServer.User;

    private static readonly byte[] s_letter = Letters.Letter(1);

    /// <summary>Of these, the answers of both are compared. Not the capabilities: today's Courier has ENABLE and UTF8=ACCEPT.</summary>
    private static readonly (string Command, byte[]? Literal)[] s_commands =
    [
        ("NAMESPACE", null),
        ("CREATE Work", null),
        ("CREATE INBOX.Work", null),
        ("CREATE INBOX.Work", null),
        ("CREATE INBOX.Work.Old.Deep", null),
        ("CREATE \"INBOX.a/b\"", null),
        ("CREATE INBOX..x", null),
        ("LIST \"\" INBOX.Work.*", null),
        ("LIST \"\" * RETURN (STATUS (MESSAGES))", null),
        ("APPEND INBOX.None (\\Seen)", s_letter),
        ("APPEND INBOX.work (\\Seen)", s_letter),
        ("APPEND INBOX.Work (\\Seen $Lab) \" 1-Jan-2020 10:00:00 +0000\"", s_letter),
        ("APPEND INBOX.Work (\\Seen) \"31-Dec-1969 23:59:59 +0000\"", s_letter),
        ("STATUS INBOX.Work (MESSAGES UIDNEXT)", null),
        ("STATUS INBOX.None (MESSAGES)", null),
        ("SELECT INBOX.None", null),
        ("EXAMINE INBOX.Work", null),
        ("SELECT INBOX.Work", null),
        ("UID STORE 1 +FLAGS.SILENT (\\Flagged)", null),
        ("UID FETCH 1 (UID INTERNALDATE RFC822.SIZE BODY.PEEK[])", null),
        ("UID FETCH 99 FLAGS", null),
        ("FETCH 99 FLAGS", null),
        ("UID SEARCH ALL", null),
        ("UID SEARCH RETURN (ALL) ALL", null),
        ("UID COPY 1 INBOX.None", null),
        ("UID COPY 1 INBOX", null),
        ("UID MOVE 1 INBOX", null),
        ("ID NIL", null),
        ("UNSELECT", null),
        ("GETQUOTAROOT INBOX", null),
    ];

    [Fact]
    public async Task It_answers_like_a_real_one()
    {
        await using var real = await CourierServer.StartAsync();
        await using var simulated = await CourierLikeServer.StartAsync();
        await using var here = await real.LogInAsync();
        await using var there = await simulated.LogInAsync(Ann);

        List<string> said = [],
            expected = [];
        foreach (var (command, literal) in s_commands)
        {
            expected.Add(await TellAsync(here, command, literal));
            said.Add(await TellAsync(there, command, literal));
        }

        Assert.Equal(expected, said);
    }

    [Fact]
    public async Task An_old_one_knows_neither_keywords_nor_UIDs()
    {
        await using var courier = await CourierLikeServer.StartAsync(new CourierTraits { LacksUidPlus = true, DropsKeywords = true });
        await using var raw = await courier.LogInAsync(Ann);

        Assert.DoesNotContain("UIDPLUS", await raw.SaidAsync("CAPABILITY"));
        Assert.Equal("OK APPEND Ok.", await raw.SaidAsync("APPEND INBOX (\\Seen $Lab)", s_letter));
        Assert.Contains("[PERMANENTFLAGS (\\Draft \\Answered \\Flagged \\Deleted \\Seen)]", await raw.SaidAsync("SELECT INBOX"));
        await raw.RunAsync("UID STORE 1 +FLAGS (other)");
        Assert.Matches(@"FLAGS \(\\Seen( \\Recent)?\)", await raw.SaidAsync("UID FETCH 1 FLAGS"));
        Assert.Equal(CourierLikeServer.CommandError, await raw.SaidAsync("UID EXPUNGE 1"));
    }

    [Fact]
    public async Task What_is_set_is_refused()
    {
        await using var courier = await CourierLikeServer.StartAsync(
            new CourierTraits
            {
                RefusesKeywords = true,
                NoInferiors = true,
                LongestWord = 100,
            }
        );
        await using var raw = await courier.LogInAsync(Ann);

        Assert.Equal(CourierLikeServer.CommandError, await raw.SaidAsync("APPEND INBOX ($Lab)", s_letter));
        Assert.Contains("[PERMANENTFLAGS (\\Draft \\Answered \\Flagged \\Deleted \\Seen)]", await raw.SaidAsync("SELECT INBOX"));
        await raw.CreateAsync("INBOX.Work");
        Assert.Contains("* LIST (\\Noinferiors ", await raw.SaidAsync("LIST \"\" *"));
        Assert.Equal("NO Cannot create this folder.", await raw.SaidAsync("CREATE INBOX.Work.Old"));
        await Assert.ThrowsAsync<IOException>(() => raw.RunAsync($"SELECT {new string('x', 101)}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* BYE Too many connections from your address.")]
    public async Task One_connection_too_many_is_closed(string refusal)
    {
        await using var courier = await CourierLikeServer.StartAsync(new CourierTraits { Connections = 1, Refusal = refusal });
        await using var first = await courier.LogInAsync(Ann);

        await Assert.ThrowsAnyAsync<Exception>(() => courier.LogInAsync(Ann));

        await first.RunAsync("NOOP");
    }

    /// <summary>What is said, without what no client may rely on: the order of folders and flags, quotes around a name, comments.</summary>
    private static async Task<string> TellAsync(RawImap raw, string command, byte[]? literal)
    {
        var lines = (await raw.SaidAsync(command, literal ?? [])).Split('\n');
        return string.Join(
            '\n',
            lines.Where(line => !Ignored().IsMatch(line)).Select(Meaning).Order(StringComparer.Ordinal).Prepend(command)
        );
    }

    private static string Meaning(string line) =>
        Lists()
            .Replace(
                Numbers().Replace(Comments().Replace(line, "$1").Replace("\"", "", StringComparison.Ordinal), "$1N"),
                list => $"({string.Join(' ', list.Groups[1].Value.Split(' ').Except(["\\Recent"]).Order(StringComparer.Ordinal))})"
            );

    [GeneratedRegex(@"^\* (?:\d+ RECENT|OK \[MYRIGHTS )")]
    private static partial Regex Ignored();

    [GeneratedRegex(@"^(\* OK \[[^\]]*\]).*")]
    private static partial Regex Comments();

    // UIDVALIDITY is the time in seconds.
    [GeneratedRegex(@"((?:APPENDUID|COPYUID|UIDVALIDITY) )\d+")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\(([^()]*)\)")]
    private static partial Regex Lists();
}
