using System.Security.Cryptography;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Spool;
using Xunit;

namespace Migrator.Tests.Spool;

public sealed class SpoolTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("spool");

    private string Path => System.IO.Path.Combine(_parent.FullName, "spool");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public async Task Entries_come_back_Byte_for_Byte_across_segments()
    {
        await using var spool = new SpoolDirectory(Path, 8 << 20);
        using var writer = spool.OpenWriter();
        byte[][] contents =
        [
            [],
            [0],
            .. Enumerable.Range(1, 40).Select(number => RandomNumberGenerator.GetBytes(number * 7_919)),
        ];

        var entries = contents.Select(content => Write(writer, content)).ToList();

        Assert.True(Directory.GetFiles(Path).Length > 1);
        foreach (var (content, entry) in contents.Zip(entries))
        {
            using var read = new MemoryStream();
            await entry.Open().CopyToAsync(read, Stop);
            Assert.Equal(content, read.ToArray());
            Assert.Equal((ContentId.Of(content), content.Length), (entry.Content, entry.Length));
        }
    }

    [Fact]
    public async Task Files_go_when_their_last_entry_is_released()
    {
        await using var spool = new SpoolDirectory(Path, 8 << 20);
        using (var writer = spool.OpenWriter())
        {
            var entries = Enumerable.Range(0, 6).Select(_ => Write(writer, new byte[600_000])).ToList();
            entries.ForEach(entry => entry.Dispose());
            entries.ForEach(entry => entry.Dispose());
        }

        Assert.Empty(Directory.GetFiles(Path));
        Assert.Equal(0, spool.Waiting);
    }

    [Fact]
    public async Task A_full_spool_holds_writers_back_until_there_is_room()
    {
        await using var spool = new SpoolDirectory(Path, 1 << 20);
        using var writer = spool.OpenWriter();
        var first = Write(writer, new byte[700_000]);
        await spool.WaitForRoomAsync(Stop);
        // Larger than what is left, and larger than the limit: it passes, and what comes after it waits.
        var second = Write(writer, new byte[3_000_000]);

        var room = spool.WaitForRoomAsync(Stop).AsTask();
        Assert.False(room.IsCompleted);
        first.Dispose();
        Assert.False(room.IsCompleted);
        second.Dispose();
        await room;
    }

    [Fact]
    public async Task A_message_that_is_cut_short_counts_for_nothing()
    {
        await using var spool = new SpoolDirectory(Path, 1 << 20);
        using var writer = spool.OpenWriter();
        await using (var cut = writer.Begin())
            await cut.WriteAsync(new byte[100_000], Stop);

        using var entry = Write(writer, "whole"u8.ToArray());

        Assert.Equal("whole", await new StreamReader(entry.Open()).ReadToEndAsync(Stop));
        Assert.True(spool.Waiting < 10_000);
    }

    [Theory]
    [InlineData("Subject: x\r\n\r\nbody \u00e9\r\n", false)]
    [InlineData("Subject: \u00e9\r\n\r\nbody\r\n", true)]
    [InlineData("Subject: x\r\n\r\nbo\ndy\r\n", true)]
    [InlineData("Subject: x\r\n\r\nbo\rdy\r\n", true)]
    [InlineData("Subject: x\r\n\r\nbody\r", true)]
    [InlineData("Subject: x\r\n\r\n\0\r\n", true)]
    [InlineData("\n\r", true)]
    [InlineData("", false)]
    public async Task Bytes_that_servers_change_are_noticed_however_they_are_cut(string text, bool delicate)
    {
        await using var spool = new SpoolDirectory(Path, 1 << 20);
        using var writer = spool.OpenWriter();
        // So long that it is written in pieces; the text stands across the cut at every place.
        foreach (var before in Enumerable.Range((1 << 16) - 40, 45))
        {
            var bytes = System.Text.Encoding.Latin1.GetBytes(new string('h', before) + "\r\n" + text);

            using var entry = Write(writer, bytes);
            using var alone = Write(writer, System.Text.Encoding.Latin1.GetBytes(text));

            Assert.Equal(delicate, alone.IsDelicate);
            // A blank line across the cut may be overlooked, which costs a look too many; a delicate byte may not.
            Assert.True(entry.IsDelicate || !delicate);
        }
    }

    [Fact]
    public async Task What_a_crash_left_is_removed()
    {
        Directory.CreateDirectory(Path);
        await File.WriteAllTextAsync(System.IO.Path.Combine(Path, "000001.spool"), "left", Stop);

        await using var spool = new SpoolDirectory(Path, 1 << 20);

        Assert.Empty(Directory.GetFiles(Path));
    }

    [Fact]
    public void A_directory_that_cannot_be_used_is_named()
    {
        File.WriteAllText(Path, "a file");

        var exception = Assert.Throws<MailException>(() => new SpoolDirectory(Path, 1 << 20));

        Assert.Equal(Reason.SpoolFailed, exception.Reason);
        Assert.Contains(Path, exception.Message);
    }

    [Fact]
    public async Task Two_messages_that_are_written_at_once_do_not_lie_over_each_other()
    {
        await using var spool = new SpoolDirectory(Path, 1 << 20);
        using var writer = spool.OpenWriter();
        byte[] first = [.. Enumerable.Repeat((byte)'a', 100_000)],
            second = [.. Enumerable.Repeat((byte)'b', 100_000)];

        var (one, other) = (writer.Begin(), writer.Begin());
        for (var half = 0; half < 2; half++)
        {
            one.Write(first.AsSpan(half * 50_000, 50_000));
            other.Write(second.AsSpan(half * 50_000, 50_000));
        }
        using var later = writer.Complete(other);
        using var earlier = writer.Complete(one);

        Assert.Equal(first, Read(earlier));
        Assert.Equal(second, Read(later));
    }

    [Fact]
    public async Task A_spool_file_that_is_cut_short_is_an_error_and_no_short_message()
    {
        await using var spool = new SpoolDirectory(Path, 1 << 20);
        using var writer = spool.OpenWriter();
        using var entry = Write(writer, new byte[100_000]);
        using (var truncate = System.Diagnostics.Process.Start("truncate", ["-s", "50000", Directory.GetFiles(Path).Single()]))
            await truncate.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Reason.SpoolFailed, Assert.Throws<MailException>(() => Read(entry)).Reason);
    }

    private static byte[] Read(SpoolEntry entry)
    {
        using var content = entry.Open();
        using var read = new MemoryStream();
        content.CopyTo(read);
        return read.ToArray();
    }

    private static SpoolEntry Write(SpoolWriter writer, byte[] content)
    {
        var stream = writer.Begin();
        stream.Write(content);
        return writer.Complete(stream);
    }
}
