using System.Text;
using MailKit;
using MailKit.Net.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using MimeKit;
using Xunit;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>Exchange as it is simulated does what is known of the real one.</summary>
public sealed class ExchangeServerTests
{
    private const string Ann = "ann";

    private static readonly DateTimeOffset s_day = DateTimeOffset.UnixEpoch.AddDays(10_000);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_announces_itself_and_its_folders(bool literalPlus)
    {
        await using var exchange = await ExchangeServer.StartAsync(new ExchangeTraits { HasLiteralPlus = literalPlus });
        using var client = await ConnectAsync(exchange);

        Assert.Equal(literalPlus, client.Capabilities.HasFlag(ImapCapabilities.LiteralPlus));
        Assert.True(client.Capabilities.HasFlag(ImapCapabilities.UidPlus | ImapCapabilities.Move));
        Assert.False((client.Capabilities & (ImapCapabilities.CondStore | ImapCapabilities.SpecialUse | ImapCapabilities.ListStatus)) != 0);
        var folders = await client.GetFoldersAsync(client.PersonalNamespaces[0], false, Stop);
        Assert.Equal(
            ExchangeServer.OwnFolders.Select(own => own.Name).Append("INBOX").Order(StringComparer.OrdinalIgnoreCase),
            folders.Select(folder => folder.FullName).Order(StringComparer.OrdinalIgnoreCase),
            StringComparer.OrdinalIgnoreCase
        );
        await using var raw = await exchange.LogInAsync(Ann);
        Assert.Contains("\"/\" Inbox", Said(await raw.RunAsync("LIST \"\" *")));
        Assert.Contains("\\Sent) \"/\" \"Sent Items\"", Said(await raw.RunAsync("LIST \"\" *")));
        await RefusedAsync(raw, "LIST \"\" * RETURN (STATUS (MESSAGES))", "BAD Command Argument Error. 12");
    }

    [Fact]
    public async Task Names_are_the_same_in_upper_and_lower_case()
    {
        await using var exchange = await ExchangeServer.StartAsync();
        await using var raw = await exchange.LogInAsync(Ann);
        await raw.CreateAsync("Archive/Bücher");
        await raw.AppendAsync("ARCHIVE/BÜCHER", Letters.Letter(1));
        await raw.AppendAsync("iNbOx", Letters.Letter(2));

        await RefusedAsync(raw, $"CREATE {RawImap.Name("archive/bücher")}", "NO Mailbox already exists");
        await RefusedAsync(raw, "CREATE files", "NO Folder name is reserved");
        Assert.Contains("* 1 EXISTS", Said(await raw.RunAsync($"SELECT {RawImap.Name("archive/bücher")}")));
        Assert.Contains("Archive/B&APw-cher", Said(await raw.RunAsync("LIST \"\" *")));
        Assert.DoesNotContain("archive/", Said(await raw.RunAsync("LIST \"\" *")));
    }

    [Fact]
    public async Task Five_flags_are_kept_and_a_star_only_if_it_is_stored()
    {
        await using var exchange = await ExchangeServer.StartAsync();
        await using var raw = await exchange.LogInAsync(Ann);
        await raw.AppendAsync("INBOX", Letters.Letter(1), "\\Seen \\Flagged $Label", s_day);

        Assert.Contains(
            "[PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)]",
            Said(await raw.RunAsync("SELECT INBOX"))
        );
        Assert.Contains("FLAGS (\\Seen)", Said(await raw.RunAsync("UID FETCH 1 FLAGS")));
        Assert.Contains("FLAGS (\\Flagged \\Seen)", Said(await raw.RunAsync("UID STORE 1 +FLAGS (\\Flagged other)")));
        await RefusedAsync(raw, "UID SEARCH KEYWORD other", ExchangeServer.ArgumentError);
        await RefusedAsync(raw, "UID SEARCH CHARSET UTF-8 ALL", "NO [BADCHARSET (US-ASCII)]");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_comes_back_in_another_form_with_the_same_text_and_a_size_that_is_wrong(bool eachTime)
    {
        await using var exchange = await ExchangeServer.StartAsync(
            new ExchangeTraits
            {
                Rewrites = !eachTime,
                RewritesEachTime = eachTime,
                EstimatesSizes = true,
            }
        );
        await using var raw = await exchange.LogInAsync(Ann);
        await raw.AppendAsync("INBOX", Letters.Letter(1), "", s_day);
        await raw.RunAsync("SELECT INBOX");

        var first = await FetchAsync(raw);
        var second = await FetchAsync(raw);

        Assert.NotEqual(Letters.Letter(1), first.Content);
        Assert.Equal(!eachTime, first.Content.SequenceEqual(second.Content));
        Assert.DoesNotContain($"RFC822.SIZE {first.Content.Length} ", first.Text);
        var (sent, message) = (await MimeMessage.LoadAsync(new MemoryStream(Letters.Letter(1)), Stop), ExchangeMime.Read(first.Content)!);
        Assert.Equal((sent.MessageId, sent.Subject, sent.TextBody), (message.MessageId, message.Subject, message.TextBody));
        Assert.NotNull(message.HtmlBody);
    }

    [Fact]
    public async Task What_is_too_much_is_refused_in_the_words_of_exchange()
    {
        await using var exchange = await ExchangeServer.StartAsync(
            new ExchangeTraits
            {
                LongestLine = 9_900,
                LargestMessage = 100_000,
                RefusesSilentStores = true,
            }
        );
        await using var raw = await exchange.LogInAsync(Ann);
        await raw.AppendAsync("INBOX", Letters.Letter(1, 9_000));
        await raw.RunAsync("SELECT INBOX");

        await FailsAsync(() => raw.AppendAsync("INBOX", Letters.Letter(1, 10_000)), ExchangeServer.ArgumentError);
        await FailsAsync(() => raw.AppendAsync("INBOX", Letters.Letter(1, 200_000)), ExchangeServer.TooLarge);
        await RefusedAsync(raw, "UID STORE 1 +FLAGS.SILENT (\\Seen)", ExchangeServer.ArgumentError);
        await RefusedAsync(raw, $"UID FETCH {string.Join(',', Enumerable.Range(1, 3000))} FLAGS", ExchangeServer.ArgumentError);
        await raw.RunAsync("UID STORE 1 +FLAGS (\\Seen)");
    }

    [Fact]
    public async Task A_fault_says_what_exchange_says_and_must_fire()
    {
        await using (var exchange = await ExchangeServer.StartAsync())
        {
            await using var raw = await exchange.LogInAsync(Ann);
            var throttled = exchange.Arm("throttled", command => command.Name == "NOOP" ? ExchangeServer.Throttled(1200) : null);
            await RefusedAsync(raw, "NOOP", "BAD Request is throttled. Suggested Backoff Time: 1200 milliseconds");
            throttled.Healed = true;
            exchange.Arm("dead", command => command.Name == "STATUS" ? ExchangeServer.NotConnected : null);
            await RefusedAsync(raw, "STATUS INBOX (MESSAGES)", "BAD User is authenticated but not connected.");
            exchange.Arm("bare", command => command.Name == "CHECK" ? $"{ProxyFault.Bare}Server Unavailable. 15" : null);
            await Assert.ThrowsAnyAsync<IOException>(() => raw.RunAsync("CHECK"));
        }
        var idle = await ExchangeServer.StartAsync(new ExchangeTraits { RefusesSilentStores = true, Rewrites = true });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await idle.DisposeAsync());
        Assert.Contains("RefusesSilentStores", error.Message);
        Assert.Contains("Rewrites", error.Message);
    }

    private static async Task<(string Text, byte[] Content)> FetchAsync(RawImap raw)
    {
        var response = Assert.Single(await raw.RunAsync("UID FETCH 1 (UID RFC822.SIZE BODY.PEEK[])"));
        return (response.Text, Assert.Single(response.Literals));
    }

    private static Task RefusedAsync(RawImap raw, string command, string answer) => FailsAsync(() => raw.RunAsync(command), answer);

    private static async Task FailsAsync(Func<Task> command, string answer) =>
        Assert.Contains(answer, (await Assert.ThrowsAsync<InvalidOperationException>(command)).Message);

    private static string Said(IEnumerable<RawImap.Response> responses) =>
        responses.Aggregate(new StringBuilder(), (all, response) => all.AppendLine(response.Text)).ToString();

    private static async Task<ImapClient> ConnectAsync(ExchangeServer exchange)
    {
        var client = new ImapClient();
        await client.ConnectAsync("localhost", exchange.Port, MailKit.Security.SecureSocketOptions.None, Stop);
        await client.AuthenticateAsync(Ann, DovecotServer.Password, Stop);
        return client;
    }
}
