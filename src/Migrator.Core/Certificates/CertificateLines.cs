namespace Migrator.Core.Certificates;

/// <summary>The lines of a file, in bounded memory.</summary>
internal static class CertificateLines
{
    private const int Buffer = 1 << 16;

    /// <returns>Each line without its line feed, and whether it has one. One that is too long is cut.</returns>
    public static IEnumerable<(byte[] Line, bool Ended)> Read(Stream file)
    {
        var (buffer, line) = (new byte[Buffer], new MemoryStream());
        for (int read; (read = file.Read(buffer)) > 0; )
        {
            var start = 0;
            while (Array.IndexOf(buffer, (byte)'\n', start, read - start) is var end and >= 0)
            {
                Keep(line, buffer, start, end - start);
                yield return (line.ToArray(), true);
                line.SetLength(0);
                start = end + 1;
            }
            Keep(line, buffer, start, read - start);
        }
        if (line.Length > 0)
            yield return (line.ToArray(), false);
    }

    private static void Keep(MemoryStream line, byte[] buffer, int start, int count)
    {
        // One byte more than is allowed: the line is seen to be too long.
        line.Write(buffer, start, (int)Math.Min(count, CertificateFormat.LongestLine + 1 - line.Length));
    }
}
