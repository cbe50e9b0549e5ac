using Migrator.Core.Jobs;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>RFC 1939, section 7: a unique id may be given again once its message is gone. Some servers number from 1 again.</summary>
public sealed class ReusedUidlTests
{
    [Theory]
    [InlineData("another message, that is longer")]
    [InlineData("new")]
    public async Task A_message_under_the_name_of_one_that_was_deleted_is_not_deleted_unseen(string bytes)
    {
        var (archive, box) = (await MemoryArchive.CreateAsync(encrypted: false), new MemoryPop3());
        box.Messages.Add(("1", "first"u8.ToArray()));
        await archive.BackUpPop3Async(box, new SourceDeletionPolicy(0));
        Assert.Empty(box.Messages);
        box.Messages.Add(("1", System.Text.Encoding.ASCII.GetBytes(bytes)));
        archive.Time.Advance(TimeSpan.FromDays(1));

        var report = await archive.BackUpPop3Async(box, new SourceDeletionPolicy(0));

        Assert.Single(box.Messages);
        Assert.Contains(report.Notices, notice => notice.Contains("is not the message that was stored") && notice.Contains("in no backup"));
    }
}
