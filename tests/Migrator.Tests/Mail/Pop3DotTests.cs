using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Migrator.Mail.Pop3;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>Dots at line starts, in answers that come in pieces of any size.</summary>
public sealed class Pop3DotTests
{
    [Theory]
    [InlineData(".\r\n", "")]
    [InlineData("a\r\n.\r\n", "a\r\n")]
    [InlineData("..\r\n.\r\n", ".\r\n")]
    [InlineData("...x\r\n..\r\n.\r\n", "..x\r\n.\r\n")]
    [InlineData(".x\r\n.\r\n", "x\r\n")]
    [InlineData(".\rx\r\n.\r\n", "\rx\r\n")]
    [InlineData(".\r\r\n.\r\n", "\r\r\n")]
    [InlineData("a\n.\nb\n..c\r\n.\r\n", "a\n.\nb\n..c\r\n")]
    [InlineData("a\r.\r\n.\r\n", "a\r.\r\n")]
    [InlineData("a\r\r\n.\r\n", "a\r\r\n")]
    public void Stuffed(string wire, string content)
    {
        for (var size = 1; size <= wire.Length + 5; size++)
            Assert.Equal((content, wire.Length), Read(wire + "+OK\n", size));
    }

    [Fact]
    public void Any_content_survives() =>
        Prop.ForAll(
                Gen.Elements('.', '\r', '\n', 'x').ListOf().Select(letters => new string([.. letters])).ToArbitrary(),
                Gen.Choose(1, 9).ToArbitrary(),
                (content, size) =>
                    Read(
                        string.Join("\r\n", $"{content}\r\n".Split("\r\n").Select(line => line.StartsWith('.') ? "." + line : line))
                            + ".\r\n",
                        size
                    ).Content
                    == content + "\r\n"
            )
            .QuickCheckThrowOnFailure();

    private static (string Content, int Consumed) Read(string wire, int size)
    {
        var (content, consumed) = (new StringBuilder(), 0);
        var unstuffer = new DotUnstuffer(bytes => content.Append(Encoding.Latin1.GetString(bytes)));
        foreach (var piece in Encoding.Latin1.GetBytes(wire).Chunk(size).TakeWhile(_ => !unstuffer.Ended))
            consumed += unstuffer.Feed(piece);
        Assert.True(unstuffer.Ended);
        return (content.ToString(), consumed);
    }
}
