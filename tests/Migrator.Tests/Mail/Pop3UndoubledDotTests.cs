using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>Servers that do not double the dot at the start of a line (RFC 1939, section 3): the size that LIST says tells what belongs to
/// a message.</summary>
public sealed class Pop3UndoubledDotTests
{
    [Theory]
    [InlineData("before\r\n.\r\nafter\r\n")]
    [InlineData(".\r\n.\r\n.\r\n")]
    [InlineData("before\r\n.one\r\n..two\r\n.\r\nafter")]
    [InlineData(".one\r\n..two\r\n...three\r\n")]
    [InlineData("before\r\n.")]
    public async Task Lines_that_begin_with_a_dot_arrive_as_they_are(string body)
    {
        foreach (var capabilities in new[] { "USER UIDL TOP PIPELINING", "USER UIDL TOP" })
        {
            var mail = new[] { Letter(1), Letter(2, body), Letter(3), Letter(4, body) };
            await using var nights = await BeginAsync([.. mail.Select((text, index) => new ScriptedMail($"id-{index}", text))]);
            nights.Server.Capabilities = capabilities;
            nights.Server.DoublesDots = false;

            await nights.BackUpAllAsync(deleteAfterDays: 0);

            Assert.Equal(mail, await nights.StoredAsync());
            Assert.Empty(nights.Server.Mail);
        }
    }

    /// <summary>After a line with nothing but a dot, it could be taken for the answer to the next command, and one message for
    /// another.</summary>
    [Theory]
    [InlineData("USER UIDL TOP PIPELINING")]
    [InlineData("USER UIDL TOP")]
    public async Task A_line_of_mail_that_looks_like_an_answer_mixes_up_no_messages(string capabilities)
    {
        var mail = new[]
        {
            Letter(1),
            Letter(2, ".\r\n+OK this is no answer\r\n"),
            Letter(3),
            Letter(4),
            Letter(5, ".\r\n-ERR nor is this\r\n"),
            Letter(6),
        };
        await using var nights = await BeginAsync([.. mail.Select((text, index) => new ScriptedMail($"id-{index}", text))]);
        nights.Server.Capabilities = capabilities;
        nights.Server.DoublesDots = false;

        await nights.BackUpAllAsync();

        Assert.Equal(mail, await nights.StoredAsync());
    }

    [Fact]
    public async Task Where_nothing_tells_whether_a_dot_was_doubled_the_message_fails()
    {
        await using var nights = await BeginAsync(new ScriptedMail("a", Letter(1)), new ScriptedMail("b", Letter(2, "..two\r\n")));
        nights.Server.DoublesDots = false;

        var report = await nights.BackUpAsync(deleteAfterDays: 0);

        Assert.Equal((RunOutcome.Partial, 1), (report.Outcome, report.Total.Failed));
        Assert.Equal(["b"], nights.Server.Mail.Select(mail => mail.Uidl));
    }

    [Fact]
    public async Task On_a_server_that_estimates_sizes_single_dots_are_reported()
    {
        await using var nights = await BeginAsync([
            .. Letters(1, 3).Select((mail, index) => mail with { Text = Letter(index, ".x\r\n"), Size = 500 + index }),
        ]);
        nights.Server.DoublesDots = false;

        var report = await nights.BackUpAsync();

        Assert.Equal(3, report.Total.Failed);
        Assert.All(report.Failures, failure => Assert.Contains("did not double", failure.Failure.Detail));
    }
}
