using System.Globalization;
using System.Text;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted;

/// <summary>Sources whose INTERNALDATE is not as RFC 9051 has it: no message is lost for it, and no date is wrong silently.</summary>
public sealed class OddDateTests
{
    private const string Letter = "From: ann@example.org\r\nSubject: odd\r\n\r\nbody\r\n";
    private const string Received = "Received: from a by b;\r\n Fri, 3 Mar 2023 10:00:00 +0100\r\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\" 1-Jan-2020 00:00:00 +0000\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"1-Jan-2020 00:00:00 +0000\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-jan-2020 00:00:00 +0000\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00 +0000 (UTC)\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00 GMT\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00 EST\"", "2020-01-01T05:00:00Z")]
    [InlineData("\"01-Jan-2020 02:00:00 +02:00\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00 -0030\"", "2020-01-01T00:30:00Z")]
    [InlineData("\"01-Jan-2020 00:00 +0000\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"Wed, 01 Jan 2020 00:00:00 +0000\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"2020-01-01T00:00:00Z\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"31-Dec-2016 23:59:60 +0000\"", "2017-01-01T00:00:00Z")]
    [InlineData("\"31-Dec-1969 23:59:59 +0000\"", "1969-12-31T23:59:59Z")]
    [InlineData("\"01-Jan-1950 00:00:00 +0000\"", "1950-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2150 00:00:00 +0000\"", "2150-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00 +1400\"", "2019-12-31T10:00:00Z")]
    [InlineData("{26}\r\n01-Jan-2020 00:00:00 +0000", "2020-01-01T00:00:00Z")]
    public async Task A_date_in_another_form_is_the_date_that_it_says(string said, string meant)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        Fill(source, Received + Letter, said);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.Empty(report.Differences);
        Assert.Equal(DateTimeOffset.Parse(meant, CultureInfo.InvariantCulture), DateOf(target, 2));
        Assert.True((await harness.VerifyAsync(Stop)).Identical);
    }

    [Theory]
    [InlineData("NIL")]
    [InlineData("\"\"")]
    [InlineData("\"31-Nov-2020 10:00:00 +0000\"")]
    [InlineData("\"30-Feb-2011 10:00:00 +0000\"")]
    [InlineData("\"01-Jan-0000 00:00:00 +0000\"")]
    [InlineData("\"01-Jan-0001 00:00:00 +0100\"")]
    [InlineData("\"01-Jan-2020 25:00:00 +0000\"")]
    [InlineData("\"01-01-2020 00:00:00 +0000\"")]
    [InlineData("\"01-Jan-19100 00:00:00 +0000\"")]
    [InlineData("\"yesterday\"")]
    [InlineData("1577836800")]
    [InlineData("(\"01-Jan-2020\" \"00:00:00\")")]
    [InlineData(null)]
    public async Task A_date_that_is_none_is_taken_from_the_header_and_said(string? said)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        Fill(source, Received + "Date: Sat, 4 Mar 2023 10:00:00 +0000\r\n" + Letter, said ?? "NIL");
        if (said is null)
            source.Arm("no date", command => FetchAnswerTests.Say(command, 2, "FLAGS () RFC822.SIZE 100"));

        var report = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);
        var second = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        var difference = Assert.Single(report.Differences);
        Assert.Equal((DifferenceKind.InternalDate, 2u), (difference.Kind, difference.Uid));
        Assert.Equal(said?.Trim('"') ?? "nothing", difference.Expected);
        Assert.Contains("Received", difference.Actual, StringComparison.Ordinal);
        Assert.Equal(DateTimeOffset.Parse("2023-03-03T09:00:00Z", CultureInfo.InvariantCulture), DateOf(target, 2));
        Assert.True(verified.Identical);
        Assert.Equal((RunOutcome.Complete, 0, 3), (second.Outcome, second.Total.Delivered, second.Total.AlreadyThere));
    }

    [Theory]
    [InlineData("\"01-Jan-20 00:00:00 +0000\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-98 00:00:00 +0000\"", "1998-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00 CEST\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00 +1500\"", "2020-01-01T00:00:00Z")]
    [InlineData("\"01-Jan-2020 00:00:00 +2400\"", "2020-01-01T00:00:00Z")]
    public async Task A_date_that_leaves_something_open_is_read_and_said(string said, string read)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        Fill(source, Received + Letter, said);

        var report = await harness.RunAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.Equal(
            (DifferenceKind.InternalDate, 2u, said.Trim('"')),
            (Assert.Single(report.Differences).Kind, report.Differences[0].Uid, report.Differences[0].Expected)
        );
        Assert.Equal(DateTimeOffset.Parse(read, CultureInfo.InvariantCulture), DateOf(target, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_has_no_date_anywhere_is_delivered_and_said(bool headerRefused)
    {
        await using var source = new ScriptedImap();
        await using var target = new ScriptedImap();
        await using var harness = new Harness(source, target);
        Fill(source, Letter, "NIL");
        if (headerRefused)
            source.Arm(
                "no header",
                command =>
                    command.Name == "UID FETCH" && command.Arguments.Contains("HEADER", StringComparison.Ordinal)
                        ? "NO [SERVERBUG] not today"
                        : null
            );

        var report = await harness.RunAsync(Stop);
        var verified = await harness.VerifyAsync(Stop);

        Assert.Equal((RunOutcome.Complete, 3), (report.Outcome, report.Total.Delivered));
        Assert.Equal((DifferenceKind.InternalDate, 2u), (Assert.Single(report.Differences).Kind, report.Differences[0].Uid));
        Assert.Contains("the time of this run", report.Differences[0].Actual, StringComparison.Ordinal);
        Assert.True(verified.Identical);
    }

    private static void Fill(ScriptedImap source, string content, string date)
    {
        source.Inbox.Fill(1);
        source.Inbox.Add(Encoding.ASCII.GetBytes(content), date: date);
        source.Inbox.Fill(1, first: 3);
    }

    private static DateTimeOffset DateOf(ScriptedImap target, uint uid) =>
        DateTimeOffset.ParseExact(
            target.Inbox.Messages.Single(message => message.Uid == uid).InternalDate.Trim('"'),
            "dd-MMM-yyyy HH:mm:ss zzz",
            CultureInfo.InvariantCulture
        );
}
