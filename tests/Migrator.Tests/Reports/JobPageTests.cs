using System.Text.Json;
using System.Text.RegularExpressions;
using Migrator.App.Formatting;
using Migrator.App.Reports;
using Migrator.Core.Reports;
using Xunit;

namespace Migrator.Tests.Reports;

/// <summary>The overview of a job: the page, its JSON, and its directory.</summary>
public sealed class JobPageTests : IDisposable
{
    private static readonly ReportPage s_page = new(
        TimeZoneInfo.CreateCustomTimeZone("Europe/Somewhere", TimeSpan.FromHours(2), null, null)
    );

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("migrator-overview-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void The_page_says_how_each_mailbox_came_out_why_and_what_to_do()
    {
        var page = s_page.Of(Samples.Job());

        Assert.Contains("<h1>2 of 5 mailboxes OK. 2 failed: bob@example.org, carl. 1 incomplete: dora.</h1>", page);
        Assert.Contains("2026-03-04 15:22:10 &#x2B;02:00", page);
        Assert.Contains("<bdi>Europe/Somewhere (&#x2B;02:00)</bdi>", page);
        Assert.Contains($"<bdi>Migrator {ProductVersion.Text}</bdi>", page);
        Assert.Contains(
            "<code>authentication-failed</code> <bdi>Check the password.</bdi> <small><bdi>bob@example.org, carl</bdi></small>",
            page
        );
        Assert.Contains("<a href=\"mailboxes/ann%40example.org.html\"><bdi>ann@example.org</bdi></a>", page);
        Assert.Contains("<b>2</b><span>OK</span>", page);
        Assert.Contains("<h2>All mailboxes: 5</h2>", page);
        Assert.DoesNotContain("Vanished", page);
        Assert.True(page.IndexOf(">bob@", StringComparison.Ordinal) < page.IndexOf(">ann@", StringComparison.Ordinal));
    }

    [Fact]
    public void Hostile_text_is_only_ever_text()
    {
        var job = Samples.Job();
        var page = s_page.Of(
            job with
            {
                Job = "</title><script>alert(1)</script>",
                Mailboxes =
                [
                    .. Samples.Hostile.Select(text => new MailboxResult(text, MailboxOutcome.Failed, 1)
                    {
                        HtmlFile = "mailboxes/\"><script>.html",
                        Reasons = [new(text, 1, text, text)],
                    }),
                ],
            }
        );
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotMatch("<[^>]*onmouseover", page);
        foreach (var tag in Regex.Matches(page, "<([a-z0-9]+)").Select(match => match.Groups[1].Value).Distinct().Except(["meta", "wbr"]))
            Assert.Equal(Regex.Count(page, $"<{tag}[ >]"), Regex.Count(page, $"</{tag}>"));
    }

    [Fact]
    public async Task Each_mailbox_has_a_file_that_is_named_by_it_and_none_is_overwritten()
    {
        var files = JobReportFiles.Create(_root.FullName, TimeZoneInfo.Utc, "a/job", Samples.Start, JobTask.Run);
        var one = JobReportFiles.Linked(
            new MailboxResult("ann+x@example.org", MailboxOutcome.Ok, 0),
            await files.Of("ann+x@example.org").WriteAsync(Samples.Run(), Stop)
        );
        var same = JobReportFiles.Linked(
            new MailboxResult("ann:x", MailboxOutcome.Ok, 0),
            await files.Of("ann:x").WriteAsync(Samples.Run(), Stop)
        );
        var other = JobReportFiles.Linked(
            new MailboxResult("ann|x", MailboxOutcome.Ok, 0),
            await files.Of("ann|x").WriteAsync(Samples.Run(), Stop)
        );
        var paths = await files.WriteAsync(Samples.Job() with { Mailboxes = [one, same, other] }, Stop);
        var second = JobReportFiles.Create(_root.FullName, TimeZoneInfo.Utc, "a/job", Samples.Start, JobTask.Run);
        await second.WriteAsync(Samples.Job(), Stop);

        Assert.Equal(Path.Combine(_root.FullName, "a-job-20260304-132210-run", "index.html"), paths.Html);
        Assert.Equal(
            ("mailboxes/ann+x@example.org.html", "mailboxes/ann-x.html", "mailboxes/ann-x-2.html"),
            (one.HtmlFile, same.HtmlFile, other.HtmlFile)
        );
        Assert.All(
            [one, same, other],
            result => Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(paths.Html)!, result.HtmlFile!)))
        );
        Assert.Equal(
            ["a-job-20260304-132210-run", "a-job-20260304-132210-run-2"],
            Directory.EnumerateDirectories(_root.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void The_JSON_has_the_shape_that_is_documented()
    {
        var json = JsonDocument.Parse(ReportJson.Document(Samples.Job())).RootElement;

        Assert.Equal("schema kind job task operation version started finished isInterrupted mailboxes isOk total compared", Names(json));
        Assert.Equal(
            "mailbox outcome exitCode source target counts compared reasons jsonFile htmlFile",
            Names(json.GetProperty("mailboxes")[0])
        );
        Assert.Equal("code count detail hint", Names(json.GetProperty("mailboxes")[0].GetProperty("reasons")[0]));
        Assert.Equal(
            ("job", "run", "failed"),
            (
                json.GetProperty("kind").GetString(),
                json.GetProperty("task").GetString(),
                json.GetProperty("mailboxes")[0].GetProperty("outcome").GetString()
            )
        );
    }

    [Fact]
    public void Every_message_that_is_missing_or_differs_has_a_reason_with_a_next_step()
    {
        var verify = MailboxResults.Of("ann", Samples.Verify(3), 1);
        Assert.Equal(
            ("missing", 3, "3 messages are missing at the target."),
            (verify.Reasons[0].Code, verify.Reasons[0].Count, verify.Reasons[0].Detail)
        );
        var run = MailboxResults.Of("ann", Samples.Run(), 1);
        Assert.Equal([1, 16], run.Reasons.Select(reason => reason.Count));
        Assert.StartsWith("16 messages, such as: ", run.Reasons[1].Detail);
        Assert.All([.. verify.Reasons, .. run.Reasons], reason => Assert.Matches(@"^[A-Z].*\.$", reason.Hint));
        Assert.Empty(MailboxResults.Of("ann", Samples.Run(RunOutcome.Complete), 0).Reasons);
    }

    private static string Names(JsonElement element) => string.Join(' ', element.EnumerateObject().Select(property => property.Name));
}
