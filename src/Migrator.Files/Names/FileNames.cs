using System.Security.Cryptography;
using System.Text;
using Migrator.Files.Manifest;

namespace Migrator.Files.Names;

/// <summary>Folder names as file names that Windows, macOS and Linux all hold, and back: what one of them cannot hold is
/// percent-encoded (UTF-8).</summary>
internal static class FileNames
{
    /// <summary>Bytes; file systems hold 255, and suffixes must fit as well.</summary>
    private const int MaxLength = 180;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    // Endings that mean something to this program or to Thunderbird.
    private static readonly string[] s_endings = [".sbd", ".mbox", ".msf", ".dat", ".eml", ".part", ".html", ".json", ".jsonl", ".mozmsgs"];

    /// <remarks>A name that is too long is cut and a hash of it is added: only the sidecar has it in full.</remarks>
    public static string Escape(string name)
    {
        var escaped = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (
                name[i] is < ' ' or '\x7f' or '<' or '>' or ':' or '"' or '/' or '\\' or '|' or '?' or '*' or '%'
                || (name[i] == '.' && i == 0)
                || (name[i] is '.' or ' ' && i == name.Length - 1)
                || (name[i] == '.' && s_endings.Contains(name[i..], StringComparer.OrdinalIgnoreCase))
                || (i == 0 && IsReserved(name))
            )
                Percent(escaped, name.AsSpan(i, 1));
            else
                escaped.Append(name[i]);
        }
        return Shorten(escaped.ToString(), name);
    }

    /// <summary>The opposite of <see cref="Escape"/>; what is not an escape stays as it is.</summary>
    public static string Unescape(string name)
    {
        var decoded = new StringBuilder();
        for (var i = 0; i < name.Length; )
        {
            var bytes = new List<byte>();
            for (
                var at = i;
                at + 2 < name.Length && name[at] == '%' && char.IsAsciiHexDigit(name[at + 1]) && char.IsAsciiHexDigit(name[at + 2]);
                at += 3
            )
                bytes.Add(Convert.ToByte(name.Substring(at + 1, 2), 16));
            if (bytes.Count > 0 && Decoded(bytes) is { } text)
            {
                decoded.Append(text);
                i += 3 * bytes.Count;
            }
            else
            {
                decoded.Append(name[i++]);
            }
        }
        return decoded.ToString();
    }

    /// <summary>Another spelling of an escaped name, for a file system to which this one is the same as its neighbour
    /// (<c>Work</c> and <c>work</c>): its first letter that is not, is percent-encoded too.</summary>
    public static string EscapeMore(string escaped)
    {
        var at = 0;
        while (at < escaped.Length && escaped[at] == '%')
            at += 3;
        if (at >= escaped.Length)
            return escaped + "~";
        var length = char.IsSurrogatePair(escaped, at) ? 2 : 1;
        var more = new StringBuilder(escaped[..at]);
        Percent(more, escaped.AsSpan(at, length));
        return more.Append(escaped.AsSpan(at + length)).ToString();
    }

    public static void Percent(StringBuilder to, ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[8];
        foreach (var value in bytes[..Encoding.UTF8.GetBytes(text, bytes)])
            to.Append('%').Append(value.ToString("x2"));
    }

    /// <param name="name">What the hash is of.</param>
    public static string Shorten(string escaped, string name)
    {
        if (Encoding.UTF8.GetByteCount(escaped) <= MaxLength)
            return escaped;
        var cut = Math.Min(escaped.Length, MaxLength);
        while (Encoding.UTF8.GetByteCount(escaped.AsSpan(0, cut)) > MaxLength - 20)
            cut--;
        if (char.IsHighSurrogate(escaped[cut - 1]))
            cut--;
        if (escaped.LastIndexOf('%', cut - 1, 2) is >= 0 and var percent)
            cut = percent;
        return $"{escaped[..cut]}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 6))}";
    }

    // Windows opens a device for these, whatever follows the dot; the sidecar's own name is taken.
    private static bool IsReserved(string name)
    {
        var stem = name.Split('.')[0].TrimEnd(' ').ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL" or "CONIN$" or "CONOUT$"
            || (
                stem.Length == 4
                && (stem.StartsWith("COM") || stem.StartsWith("LPT"))
                && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³')
            )
            || name.StartsWith(ExportManifest.Stem, StringComparison.OrdinalIgnoreCase);
    }

    private static string? Decoded(List<byte> bytes)
    {
        try
        {
            return s_strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
