using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>What every command that writes an overview promises of it.</summary>
internal static class Overview
{
    /// <param name="output">Of the command, for people.</param>
    /// <param name="people">Whose reports are there.</param>
    /// <param name="wrong">Who is not OK, with a reason; null where nobody is.</param>
    public static async Task ShouldBeWholeAsync(string output, string task, IReadOnlyCollection<string> people, string? wrong)
    {
        var files = Regex.Match(output, @"(?m)^Report: (.*)$\n^        (.*)$");
        var (html, json) = (files.Groups[1].Value, files.Groups[2].Value);
        Assert.Matches($@"/reports/move-\d{{8}}-\d{{6}}-{task}(-\d+)?/index\.html$", html);
        var directory = Path.GetDirectoryName(html)!;
        var page = await File.ReadAllTextAsync(html, TestContext.Current.CancellationToken);
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken)).RootElement;

        Assert.Equal(
            ("job", task, "move"),
            (report.GetProperty("kind").GetString(), report.GetProperty("task").GetString(), report.GetProperty("job").GetString())
        );
        Assert.Matches(@"^\d+\.\d+\.\d+$", report.GetProperty("version").GetString());
        Assert.Contains($"<dd><bdi>Migrator {report.GetProperty("version").GetString()}</bdi></dd>", page);
        Assert.Contains("<dt>Time zone</dt>", page);
        Assert.DoesNotContain("<script", page);
        var mailboxes = report
            .GetProperty("mailboxes")
            .EnumerateArray()
            .ToDictionary(mailbox => mailbox.GetProperty("mailbox").GetString()!);
        foreach (var person in people)
        {
            Assert.Contains($"<a href=\"mailboxes/{person}.html\">", page);
            Assert.Equal(
                ($"mailboxes/{person}.html", $"mailboxes/{person}.json"),
                (mailboxes[person].GetProperty("htmlFile").GetString(), mailboxes[person].GetProperty("jsonFile").GetString())
            );
            Assert.EndsWith(
                "</html>\n",
                await File.ReadAllTextAsync(Path.Combine(directory, "mailboxes", $"{person}.html"), TestContext.Current.CancellationToken)
            );
            Assert.NotNull(
                JsonDocument.Parse(
                    await File.ReadAllTextAsync(
                        Path.Combine(directory, "mailboxes", $"{person}.json"),
                        TestContext.Current.CancellationToken
                    )
                )
            );
        }
        if (wrong is null)
            return;
        // First, with its reason and what to do.
        Assert.Equal(wrong, mailboxes.First().Key);
        var reason = mailboxes[wrong].GetProperty("reasons")[0];
        Assert.NotNull(mailboxes[wrong].GetProperty("htmlFile").GetString());
        Assert.Contains("<h2>Next steps: 1</h2>", page);
        Assert.Contains(reason.GetProperty("code").GetString()!, page);
        Assert.NotEqual("", reason.GetProperty("hint").GetString());
    }

    /// <summary>Whether a line is that of a client who logs in as somebody.</summary>
    public static bool LogsIn(string line, string user) =>
        line.Split(' ', '\r', '\n')
            .Any(word =>
            {
                Span<byte> plain = stackalloc byte[512];
                // Whatever the mechanism is, the user's name is in what it sends first.
                return word.Trim('"') == user
                    || (
                        Convert.TryFromBase64String(word, plain, out var length)
                        && Encoding.UTF8.GetString(plain[..length]).Contains(user, StringComparison.Ordinal)
                    );
            });
}
