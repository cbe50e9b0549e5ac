using System.Security.Cryptography;

namespace Migrator.Core.Archives;

/// <summary>A key for a safe: 32 random octets as text that a person can write down and type again.</summary>
public sealed class RecoveryKey
{
    // Crockford's Base32: no letter looks like another one or like a digit.
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Length = 32;
    private const int GroupLength = 4;
    private const int SumLength = 2;
    private const int BitsOfDigit = 5;

    private RecoveryKey(byte[] bytes) => Bytes = bytes;

    internal byte[] Bytes { get; }

    public static RecoveryKey Create() => new(RandomNumberGenerator.GetBytes(Length));

    /// <param name="text">As <see cref="ToString"/> gives it, in any case of letters, with blanks, hyphens and line ends anywhere.</param>
    /// <exception cref="FormatException">It is none, or a letter is wrong; the message does not repeat it.</exception>
    public static RecoveryKey Parse(string text)
    {
        var (bytes, bits, count) = (new List<byte>(), 0, 0);
        foreach (var letter in text.Where(letter => !char.IsWhiteSpace(letter) && letter != '-'))
        {
            var digit = Digits.IndexOf(
                char.ToUpperInvariant(letter) switch
                {
                    'O' => '0',
                    'I' or 'L' => '1',
                    var other => other,
                }
            );
            if (digit < 0)
                throw new FormatException($"the recovery key has an invalid character at position {bytes.Count + 1}");
            (bits, count) = ((bits << BitsOfDigit) | digit, count + BitsOfDigit);
            if (count < 8)
                continue;
            bytes.Add((byte)(bits >> (count - 8)));
            (bits, count) = (bits & ((1 << (count - 8)) - 1), count - 8);
        }
        byte[] all = [.. bytes];
        return bits == 0 && all.Length == Length + SumLength && Sum(all.AsSpan(0, Length)).AsSpan().SequenceEqual(all.AsSpan(Length))
            ? new RecoveryKey(all[..Length])
            : throw new FormatException("the recovery key is not complete, or a character in it is wrong");
    }

    /// <summary>Groups of four letters and digits; the last ones tell whether it was typed right.</summary>
    public override string ToString()
    {
        var (text, bits, count) = (new List<char>(), 0, 0);
        foreach (var value in (byte[])[.. Bytes, .. Sum(Bytes)])
        {
            (bits, count) = ((bits << 8) | value, count + 8);
            for (; count >= BitsOfDigit; count -= BitsOfDigit)
                text.Add(Digits[(bits >> (count - BitsOfDigit)) & 31]);
            bits &= (1 << count) - 1;
        }
        if (count > 0)
            text.Add(Digits[(bits << (BitsOfDigit - count)) & 31]);
        return string.Join('-', text.Chunk(GroupLength).Select(group => new string(group)));
    }

    private static byte[] Sum(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes)[..SumLength];
}
