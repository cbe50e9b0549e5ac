using System.Globalization;
using System.Text;

namespace Migrator.Tests.Fuzzing;

/// <summary>Changes bytes the way broken software, networks and attackers do. The same seed makes the same changes.</summary>
/// <param name="tokens">What means something to the reader that is tested.</param>
internal sealed class Mutator(Random random, IReadOnlyList<string> tokens)
{
    private static readonly string[] s_numbers =
    [
        "0",
        "00000",
        "-1",
        "1",
        "127",
        "128",
        "255",
        "256",
        "65535",
        "65536",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999",
        "1e9",
        "\u0661",
    ];

    private static readonly byte[] s_odd = [0, (byte)'\r', (byte)'\n', (byte)' ', (byte)'"', (byte)'\\', 0x7f, 0x80, 0xc3, 0xfe, 0xff];

    /// <param name="others">Inputs from which parts may be taken.</param>
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> others)
    {
        // Mostly few changes: after many of them, readers refuse the beginning and never see the rest.
        for (var times = 1 + (random.Next(4) == 0 ? random.Next(12) : random.Next(3)); times > 0; times--)
            input = Once(input, others);
        return input;
    }

    private byte[] Once(byte[] input, IReadOnlyList<byte[]> others)
    {
        var at = random.Next(input.Length + 1);
        var length = Math.Min(input.Length - at, Length());
        var (before, part, rest) = (input[..at], input[at..(at + length)], input[(at + length)..]);
        switch (random.Next(12))
        {
            case 0 when at < input.Length:
                var flipped = input.ToArray();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                return random.Next(3) == 0 ? before : [.. before, .. rest];
            case 2:
                return [.. before, .. part, .. part, .. rest];
            case 3:
                return
                [
                    .. before,
                    .. Enumerable.Repeat(part, Math.Min(random.Next(200), 20_000 / (length + 1))).SelectMany(x => x),
                    .. rest,
                ];
            case 4:
                return [.. before, .. Slice(others[random.Next(others.Count)]), .. rest];
            case 5:
                return [.. before, .. Slice(input), .. part, .. rest];
            case 6:
                return [.. before, s_odd[random.Next(s_odd.Length)], .. part, .. rest];
            case 7:
                return [.. before, .. Encoding.Latin1.GetBytes(new string((char)random.Next(256), Length() * 16)), .. part, .. rest];
            case 8 or 9:
                return WithNumber(input, at);
            default:
                var token = Encoding.Latin1.GetBytes(
                    tokens.Count > 0 ? tokens[random.Next(tokens.Count)] : s_numbers[random.Next(s_numbers.Length)]
                );
                return random.Next(2) == 0 ? [.. before, .. token, .. part, .. rest] : [.. before, .. token, .. rest];
        }
    }

    // Short ones more often than long ones.
    private int Length() => 1 + random.Next(1 << random.Next(10));

    private byte[] Slice(byte[] from)
    {
        var at = random.Next(from.Length + 1);
        return from[at..Math.Min(from.Length, at + Length())];
    }

    /// <summary>The next number in the text becomes another one: one that is next to it, or at the end of a range.</summary>
    private byte[] WithNumber(byte[] input, int at)
    {
        while (at < input.Length && !char.IsAsciiDigit((char)input[at]))
            at++;
        var end = at;
        while (end < input.Length && char.IsAsciiDigit((char)input[end]))
            end++;
        if (end == at)
            return input;
        var near =
            random.Next(2) == 0 && long.TryParse(Encoding.ASCII.GetString(input[at..end]), CultureInfo.InvariantCulture, out var number)
                ? (number + random.Next(-2, 3)).ToString(CultureInfo.InvariantCulture)
                : s_numbers[random.Next(s_numbers.Length)];
        return [.. input[..at], .. Encoding.UTF8.GetBytes(near), .. input[end..]];
    }
}
