using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Migrator.Tests.Migrations;

namespace Migrator.Tests.Providers.Properties;

/// <summary>Messages at random: plain ones, without a Message-ID, again what was sent before, other texts with the same Message-ID, and
/// of any bytes.</summary>
/// <param name="unlike">Each is another message, by its Message-ID too or without one: what no server takes for one that it has.</param>
/// <param name="readable">Each is mail, which a server that stores messages in its own form can read.</param>
internal sealed class RandomLetters(Random random, bool unlike, bool readable)
{
    private readonly List<byte[]> _sent = [];
    private readonly Queue<byte[]> _any = new(AnyMail.Bytes.Sample(30, new Rnd((ulong)random.Next()), 60));

    public byte[] Next()
    {
        var letter = Letters.Letter(_sent.Count, 20 + random.Next(3000));
        if (unlike)
            letter = random.Next(10) < 2 ? Without(letter) : letter;
        else
            letter = random.Next(10) switch
            {
                0 or 1 when _sent.Count > 0 => _sent[random.Next(_sent.Count)],
                2 => Without(letter),
                3 when _sent.Count > 0 => Changed(_sent[random.Next(_sent.Count)]),
                4 or 5 when !readable && _any.Count > 0 => _any.Dequeue(),
                _ => letter,
            };
        _sent.Add(letter);
        return letter;
    }

    public DateTimeOffset Date() =>
        DateTimeOffset
            .FromUnixTimeSeconds(random.Next(100_000_000, 1_700_000_000))
            .ToOffset(TimeSpan.FromMinutes(random.Next(-12 * 60, 14 * 60)));

    /// <summary>With another body of the same length.</summary>
    private static byte[] Changed(byte[] letter)
    {
        byte[] other = [.. letter];
        if (other.Length > 60)
            other[^5] ^= 1;
        return other;
    }

    private static byte[] Without(byte[] letter) =>
        Encoding.Latin1.GetBytes(
            Encoding.Latin1.GetString(letter).Replace("Message-ID: ", "X-Number: ", false, CultureInfo.InvariantCulture)
        );
}
