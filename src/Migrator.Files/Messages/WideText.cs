namespace Migrator.Files.Messages;

/// <summary>UTF-16, in which editors save text and no program saves mail.</summary>
internal static class WideText
{
    /// <summary>By the byte order mark, or by every other byte of the beginning being zero.</summary>
    public static bool IsWide(ReadOnlySpan<byte> head) => BytesOfMark(head) > 0 || HasZeros(head, 0) || HasZeros(head, 1);

    /// <summary>Whether the first byte of each pair is the high one.</summary>
    public static bool IsBigEndian(ReadOnlySpan<byte> head) => BytesOfMark(head) > 0 ? head[0] == 0xFE : HasZeros(head, 0);

    public static int BytesOfMark(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? 2 : 0;

    private static bool HasZeros(ReadOnlySpan<byte> head, int at)
    {
        head = head[..Math.Min(head.Length, 40)];
        if (head.Length < 8)
            return false;
        for (var i = 0; i + 1 < head.Length; i += 2)
        {
            if (head[i + at] != 0 || head[i + 1 - at] == 0)
                return false;
        }
        return true;
    }
}
