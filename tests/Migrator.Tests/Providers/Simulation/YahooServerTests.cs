using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>Yahoo as it is simulated does what is known of the real one, and what RFC 9738 says of limits.</summary>
public sealed class YahooServerTests
{
    private const string Ann = "ann";

    [Theory]
    [InlineData("Bulk")]
    [InlineData("Bulk Mail")]
    public async Task It_announces_itself_and_its_folders(string junk)
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { JunkFolder = junk });
        await using var raw = await yahoo.LogInAsync(Ann);

        var folders = await raw.SaidAsync("LIST \"\" *");

        Assert.Contains("\"/\" Inbox", folders);
        Assert.Contains($"\\Junk) \"/\" {ImapToken.Quote(junk)}", folders);
        Assert.Contains("\\Drafts) \"/\" Draft\n", folders);
        Assert.Contains("\\Archive) \"/\" Archive\n", folders);
        Assert.EndsWith(" MESSAGELIMIT=1000", (await raw.SaidAsync("CAPABILITY")).Split('\n')[0]);
        Assert.StartsWith("BAD [CLIENTBUG]", await raw.SaidAsync("LIST \"\" * RETURN (STATUS (MESSAGES))"));
        Assert.StartsWith("BAD [CLIENTBUG]", await raw.SaidAsync("UID SEARCH MODSEQ 1"));
    }

    [Fact]
    public async Task Three_keywords_are_kept_and_a_message_must_end_in_a_line_end()
    {
        await using var yahoo = await YahooServer.StartAsync();
        await using var raw = await yahoo.LogInAsync(Ann);
        await raw.AppendAsync("INBOX", Letters.Letter(1), "\\Seen $Forwarded other");

        Assert.Contains("[PERMANENTFLAGS ()]", await raw.SaidAsync("EXAMINE INBOX"));
        Assert.Contains(
            "[PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Forwarded $Junk $NotJunk)]",
            await raw.SaidAsync("SELECT INBOX")
        );
        Assert.Matches(@"FLAGS \(\\Seen (\\Recent )?\$Forwarded\)", await raw.SaidAsync("UID FETCH 1 FLAGS"));
        Assert.Equal(YahooServer.AppendError, await raw.SaidAsync("APPEND INBOX", "Subject: cut\r\n\r\nno line end"u8.ToArray()));
    }

    [Fact]
    public async Task A_folder_shows_its_newest_messages_only()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { Visible = 3 });
        await using var raw = await yahoo.LogInAsync(Ann);
        await Letters.FillAsync(raw, "INBOX", 0, 5);

        Assert.Contains("(MESSAGES 3 UIDNEXT 6)", await raw.SaidAsync("STATUS INBOX (MESSAGES UIDNEXT)"));
        Assert.Contains("* 3 EXISTS", await raw.SaidAsync("SELECT INBOX"));
        Assert.Equal("* SEARCH 3 4 5\nOK UID SEARCH completed", await raw.SaidAsync("UID SEARCH ALL"));
        Assert.Equal("* SEARCH 2\nOK SEARCH completed", await raw.SaidAsync("SEARCH 1:2 UID 4"));
        Assert.Contains("* 1 FETCH (UID 3)\n* 2 FETCH (UID 4)\n* 3 FETCH (UID 5)", await raw.SaidAsync("UID FETCH 1:* UID"));
        Assert.StartsWith("* 2 FETCH (UID 4)\nOK", await raw.SaidAsync("FETCH 2 UID"));
        Assert.Equal("OK UID STORE completed", await raw.SaidAsync("UID STORE 1:2 +FLAGS (\\Deleted)"));
        await raw.RunAsync("UID STORE 4 +FLAGS (\\Deleted)");
        Assert.StartsWith("* 2 EXPUNGE\n", await raw.SaidAsync("UID EXPUNGE 1:*"));
        Assert.Contains("* 3 EXISTS", await raw.SaidAsync("APPEND INBOX", Letters.Letter(9)));
        Assert.Contains("* SEARCH 3 5 6\n", await raw.SaidAsync("UID SEARCH ALL"));
    }

    [Fact]
    public async Task Beyond_the_limit_a_command_is_executed_for_the_newest_messages_and_says_so()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { MessageLimit = 2 });
        await using var raw = await yahoo.LogInAsync(Ann);
        await raw.CreateAsync("Work");
        await Letters.FillAsync(raw, "INBOX", 0, 4);
        await raw.RunAsync("SELECT INBOX");

        Assert.Equal(
            "* 4 FETCH (UID 4)\n* 3 FETCH (UID 3)\nOK [MESSAGELIMIT 2 3] UID FETCH completed with 2 partial results",
            await raw.SaidAsync("UID FETCH 1:* UID")
        );
        Assert.Equal(
            "* SEARCH 4 3\nOK [MESSAGELIMIT 2 3] UID SEARCH completed with 2 partial results",
            await raw.SaidAsync("UID SEARCH ALL")
        );
        // What is searched counts, not what is found.
        Assert.StartsWith("* SEARCH\nOK [MESSAGELIMIT 2 3]", await raw.SaidAsync("UID SEARCH SUBJECT \"Letter 0\""));
        Assert.Equal("* SEARCH 1\nOK UID SEARCH completed", await raw.SaidAsync("UID SEARCH UID 1:2 SUBJECT \"Letter 0\""));
        Assert.StartsWith("OK [MESSAGELIMIT 2 2]", await raw.SaidAsync("UID STORE 1:3 +FLAGS.SILENT (\\Flagged)"));
        Assert.Equal("* SEARCH 2\nOK UID SEARCH completed", await raw.SaidAsync("UID SEARCH UID 1:2 FLAGGED"));
        Assert.StartsWith("NO [MESSAGELIMIT 2]", await raw.SaidAsync("UID COPY 1:* Work"));
        var moved = await raw.SaidAsync("UID MOVE 1:3 Work");
        Assert.Contains("[MESSAGELIMIT 2 2]", moved);
        Assert.Contains("* SEARCH 1 4\n", await raw.SaidAsync("UID SEARCH ALL"));
        await raw.RunAsync("SELECT Work");
        Assert.Contains("* SEARCH 1 2\n", await raw.SaidAsync("UID SEARCH ALL"));
        await Letters.FillAsync(raw, "Work", 5, 1);
        await raw.RunAsync("UID STORE 1:2 +FLAGS (\\Deleted)");
        await raw.RunAsync("UID STORE 3 +FLAGS (\\Deleted)");
        Assert.Contains("OK [MESSAGELIMIT 2 2]", await raw.SaidAsync("UID EXPUNGE 1:3"));
        Assert.Contains("* SEARCH 1\n", await raw.SaidAsync("UID SEARCH ALL"));
    }

    [Fact]
    public async Task It_may_refuse_such_a_command_instead()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { MessageLimit = 2, RefusesBeyondLimit = true });
        await using var raw = await yahoo.LogInAsync(Ann);
        await Letters.FillAsync(raw, "INBOX", 0, 3);
        await raw.RunAsync("SELECT INBOX");

        foreach (var command in new[] { "UID FETCH 1:* UID", "UID SEARCH ALL", "UID STORE 1:* +FLAGS (\\Seen)" })
            Assert.StartsWith("NO [MESSAGELIMIT 2]", await raw.SaidAsync(command));
        Assert.StartsWith("* 2 FETCH (UID 2)", await raw.SaidAsync("UID FETCH 2:3 UID"));
    }

    [Fact]
    public async Task Before_RFC_9738_it_said_nothing_of_what_it_left_out()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { MessageLimit = 2, KeepsLimitSilently = true });
        await using var raw = await yahoo.LogInAsync(Ann);
        await Letters.FillAsync(raw, "INBOX", 0, 3);
        await raw.RunAsync("SELECT INBOX");

        Assert.DoesNotContain("MESSAGELIMIT", await raw.SaidAsync("CAPABILITY"));
        Assert.Equal("* SEARCH 3 2\nOK UID SEARCH completed", await raw.SaidAsync("UID SEARCH ALL"));
        Assert.StartsWith("* 3 FETCH (UID 3)\n* 2 FETCH (UID 2)\nOK Fetch completed", await raw.SaidAsync("UID FETCH 1:* UID"));
    }

    [Fact]
    public async Task One_connection_too_many_may_not_log_in()
    {
        await using var yahoo = await YahooServer.StartAsync(new YahooTraits { Connections = 1 });
        await using (await yahoo.LogInAsync(Ann))
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => yahoo.LogInAsync(Ann));
            Assert.Contains(YahooServer.TooManyConnections, refused.Message);
        }
        var idle = await YahooServer.StartAsync(new YahooTraits { Visible = 3, MessageLimit = 2 });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await idle.DisposeAsync());
        Assert.Contains("Visible", error.Message);
        Assert.Contains("MessageLimit", error.Message);
    }
}
