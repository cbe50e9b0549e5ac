using System.Text;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>What tells whether a message was rewritten is read the same from bytes that come in pieces.</summary>
public sealed class MessageTraitsTests
{
    private static readonly string[] s_pieces =
    [
        "\r",
        "\n",
        "\r\n",
        "\r\n\r\n",
        "Subject",
        ": ",
        "Received: a; Mon, 2 Mar 2026 10:00:00 +0000",
        " ",
        "\0",
        "x",
        ":",
        "é",
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_does_not_matter_in_which_pieces_a_message_comes(bool lineEnds)
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var text = Encoding.Latin1.GetBytes(string.Concat(random.GetItems(s_pieces, random.Next(20))));

            var (content, whole) = await ReadAsync(text, text.Length, lineEnds);
            var (same, parts) = await ReadAsync(text, 1, lineEnds);

            Assert.Equal(ContentId.Of(text), content);
            Assert.Equal(content, same);
            Assert.Equal(whole.Fields, parts.Fields);
            Assert.Equal(whole with { Fields = null }, parts with { Fields = null });
        }
    }

    [Theory]
    [InlineData("A: b\n\nc\n", "A: b\r\n\r\nc\r\n", true)]
    [InlineData("A: b\n\nc", "A: b\r\n\r\nc\r\n", true)]
    [InlineData("A: b\n\tc\n\nd", "A: b\r\n\tc\r\n\r\nd", true)]
    [InlineData("A: b\n\nc\n\n", "A: b\r\n\r\nc\r\n", false)]
    [InlineData("A: b\n\nc\rd\n", "A: b\r\n\r\nc\nd\n", false)]
    [InlineData("A: b\n\nc\r\r\n", "A: b\r\n\r\nc\r\n", false)]
    [InlineData("A: b\n\n\0\n", "A: b\n\n\u0080\n", false)]
    public async Task Only_line_ends_do_not_count(string one, string other, bool same)
    {
        var (_, first) = await ReadAsync(Encoding.Latin1.GetBytes(one), 3, lineEnds: true);
        var (_, second) = await ReadAsync(Encoding.Latin1.GetBytes(other), 3, lineEnds: true);

        Assert.Equal(same, first.Canonical == second.Canonical);
        Assert.Equal(same, first.Body == second.Body);
        Assert.Equal(first.Fields, second.Fields);
    }

    [Fact]
    public async Task Where_line_ends_count_so_do_those_of_fields()
    {
        var (_, first) = await ReadAsync("A: b\n\nc\n"u8.ToArray(), 3, lineEnds: false);
        var (_, second) = await ReadAsync("A: b\r\n\nc\n"u8.ToArray(), 3, lineEnds: false);
        var (_, third) = await ReadAsync("A: b\n\r\nc\n"u8.ToArray(), 3, lineEnds: false);

        Assert.NotEqual(first.Fields, second.Fields);
        Assert.NotEqual(first.Body, third.Body);
    }

    private static async Task<(ContentId Content, MessageTraits Traits)> ReadAsync(byte[] bytes, int piece, bool lineEnds)
    {
        var seen = default((ContentId, MessageTraits));
        var hasher = new MessageTraitsHasher(s_names, lineEnds, (_, content, _, _, traits) => seen = (content, traits));
        var stream = hasher.Open(null, bytes.Length);
        foreach (var chunk in bytes.Chunk(Math.Max(1, piece)))
            stream.Write(chunk);
        await hasher.CompleteAsync(new Uid(1), stream, null, TestContext.Current.CancellationToken);
        return seen;
    }

    private static readonly HeaderNames s_names = new();
}
