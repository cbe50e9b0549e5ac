namespace Migrator.Core.Mail;

/// <summary>How long the lines of a message are.</summary>
internal static class LineLength
{
    /// <returns>Bytes of the longest line, without its end.</returns>
    public static async Task<long> LongestAsync(Stream content, CancellationToken cancellationToken)
    {
        var (buffer, longest, current, last) = (new byte[1 << 16], 0L, 0L, (byte)0);
        for (int count; (count = await content.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            foreach (var octet in buffer.AsSpan(0, count))
            {
                if (octet == '\n')
                    (longest, current) = (Math.Max(longest, current - (last == '\r' ? 1 : 0)), 0);
                else
                    current++;
                last = octet;
            }
        }
        return Math.Max(longest, current);
    }
}
