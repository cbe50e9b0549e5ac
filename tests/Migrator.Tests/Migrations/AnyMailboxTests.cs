using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Migrations;

/// <summary>Any mailbox in, the same mailbox out.</summary>
public sealed class AnyMailboxTests(DovecotFixture servers)
{
    private sealed record Message(byte[] Bytes, string Flags, DateTimeOffset Date);

    private sealed record Folder(string Name, Message[] Messages);

    private static readonly string[] s_flags =
    [
        "\\Answered",
        "\\Deleted",
        "\\Draft",
        "\\Flagged",
        "\\Seen",
        "$Forwarded",
        "NonJunk",
        "a-b",
        "x1",
    ];

    [Fact]
    public async Task Any_mailbox_comes_out_as_it_went_in()
    {
        // The same mailboxes each time, so that a failure is one of the product; another seed to look further.
        var seed = ulong.Parse(Environment.GetEnvironmentVariable("MIGRATOR_TEST_SEED") ?? "1", CultureInfo.InvariantCulture);
        var twins = 0;
        foreach (var folders in Mailboxes().Sample(Proof.Of(8, 25), new Rnd(seed), 15))
        {
            await using var harness = new Harness(servers.Old, servers.New);
            await using (var source = await harness.SourceAsync())
            {
                foreach (var folder in folders)
                {
                    await source.CreateAsync(folder.Name);
                    foreach (var message in folder.Messages)
                        await source.AppendAsync(folder.Name, message.Bytes, message.Flags, message.Date);
                    twins +=
                        folder.Messages.Length - folder.Messages.Select(message => Convert.ToHexString(message.Bytes)).Distinct().Count();
                }
            }

            var report = await harness.RunAsync(TestContext.Current.CancellationToken);
            var again = await harness.RunAsync(TestContext.Current.CancellationToken);

            Assert.Empty(report.Failures);
            Assert.Empty(report.Differences);
            Assert.Equal((RunOutcome.Complete, true, 0), (report.Outcome, report.Total.AddsUp, again.Total.Delivered));
            (await harness.SourceContentAsync()).ShouldEqual(await harness.TargetContentAsync());
        }
        Assert.True(twins > 0, "The generator made no twins: it no longer tests what is hardest.");
    }

    private static Gen<Folder[]> Mailboxes()
    {
        var message =
            from content in AnyMail.Bytes
            from flags in Gen.SubListOf(s_flags)
            from seconds in Gen.Choose(0, 1_700_000_000)
            from minutes in Gen.Choose(-12 * 60, 14 * 60)
            select new Message(
                content,
                string.Join(' ', flags),
                DateTimeOffset.FromUnixTimeSeconds(seconds).ToOffset(TimeSpan.FromMinutes(minutes))
            );
        // Drawn from a few, so that many are the same.
        var messages =
            from few in message.ArrayOf(4)
            from drawn in Gen.Elements(few).ListOf()
            from others in message.ListOf()
            select drawn.Concat(others).ToArray();
        var letter = Gen.OneOf(Gen.Choose(' ', '~').Select(code => (char)code), Gen.Elements('ä', 'ß', '語', 'й', '€'));
        var name = letter.ArrayOf().Select(letters => new string(letters)).Where(text => text.Length is > 0 and < 40 && IsName(text));
        return from names in name.ListOf().Select(list => list.Distinct(StringComparer.OrdinalIgnoreCase).Take(4).ToList())
            from contents in messages.ArrayOf(names.Count)
            select names.Zip(contents, (folder, content) => new Folder(folder, content)).ToArray();
    }

    // What Maildir++ takes: no level without a name, nothing that begins as a path does.
    private static bool IsName(string text) =>
        !text.StartsWith('/')
        && !text.EndsWith('/')
        && !text.Contains("//")
        && !text.Contains('.')
        && !text.StartsWith('~')
        && !text.StartsWith("inbox", StringComparison.OrdinalIgnoreCase)
        && !text.Contains('\\');
}
