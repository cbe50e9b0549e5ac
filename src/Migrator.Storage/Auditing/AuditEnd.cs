using System.Security.Cryptography;

namespace Migrator.Storage.Auditing;

/// <summary>The end of the trail as it lies on the disk.</summary>
/// <param name="Sequence">Of the last whole line; 0 where there is none.</param>
/// <param name="Hash">Of that line.</param>
/// <param name="File">The newest file; null where there is none.</param>
/// <param name="Length">Of that file.</param>
/// <param name="Rest">Bytes in it after the last whole line.</param>
/// <param name="RestDigest">Of those, and of a line end behind them where they lack one.</param>
/// <param name="LacksLineEnd">They do.</param>
internal sealed record AuditEnd(long Sequence, string Hash, string? File, long Length, long Rest, string RestDigest, bool LacksLineEnd)
{
    public static AuditEnd Find(IReadOnlyList<string> files)
    {
        if (files.Count == 0)
            return new AuditEnd(0, AuditLine.NoHash, null, 0, 0, "", false);
        var newest = files[^1];
        var length = new FileInfo(newest).Length;
        if (Last(newest, length) is { } quick)
            return new AuditEnd(quick.Sequence, quick.Hash, newest, length, 0, "", false);
        // A writer has died, or somebody was at it: read all of it.
        using var rest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (bytes, last, hasLineEnd) = (0L, (AuditLine?)null, true);
        using (var lines = new AuditLines(newest))
        {
            while (lines.Next())
            {
                hasLineEnd = lines.HasLineEnd;
                if (lines.Line is { } line)
                {
                    (last, bytes) = (line, 0);
                    rest.GetHashAndReset();
                    continue;
                }
                rest.AppendData(lines.Bytes);
                bytes += lines.Bytes.Length;
            }
        }
        if (!hasLineEnd)
            rest.AppendData("\n"u8);
        for (var earlier = files.Count - 2; last is null && earlier >= 0; earlier--)
            last = LastOf(files[earlier]);
        return new AuditEnd(
            last?.Sequence ?? 0,
            last?.Hash ?? AuditLine.NoHash,
            newest,
            length,
            bytes + (hasLineEnd ? 0 : 1),
            Convert.ToHexStringLower(rest.GetHashAndReset()),
            !hasLineEnd
        );
    }

    /// <summary>The usual case: the file ends with a whole line.</summary>
    private static AuditLine? Last(string path, long length)
    {
        var bytes = new byte[Math.Min(length, AuditLine.Longest + 1)];
        using (var file = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            if (bytes.Length == 0 || RandomAccess.Read(file, bytes, length - bytes.Length) < bytes.Length || bytes[^1] != '\n')
                return null;
        }
        return AuditLine.Read(bytes.AsSpan(bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1)[..^1]);
    }

    private static AuditLine? LastOf(string path)
    {
        AuditLine? last = null;
        using var lines = new AuditLines(path);
        while (lines.Next())
            last = lines.Line ?? last;
        return last;
    }
}
