using System.Text;

namespace Migrator.Core.Mail;

/// <summary>Folder names as they go over the wire, and into Maildir++ (RFC 3501, section 5.1.3). MailKit has this too, but
/// does not publish it.</summary>
public static class ModifiedUtf7
{
    public static string Encode(string name)
    {
        var (encoded, run) = (new StringBuilder(), new StringBuilder());
        foreach (var letter in name)
        {
            if (letter is < ' ' or > '~')
            {
                run.Append(letter);
                continue;
            }
            End();
            encoded.Append(letter == '&' ? "&-" : letter.ToString());
        }
        End();
        return encoded.ToString();

        void End()
        {
            if (run.Length > 0)
                encoded
                    .Append('&')
                    .Append(Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(run.ToString())).TrimEnd('=').Replace('/', ','))
                    .Append('-');
            run.Clear();
        }
    }

    /// <summary>The opposite of <see cref="Encode"/>; what is not an encoding stays as it is, for there are programs that write folder
    /// names to disk as they are.</summary>
    public static string Decode(string name)
    {
        var decoded = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var end = name[i] == '&' ? name.IndexOf('-', i) : -1;
            if (end == i + 1)
                decoded.Append('&');
            else if (end > i && Run(name[(i + 1)..end]) is { } run)
                decoded.Append(run);
            else
                end = -1;
            if (end < 0)
                decoded.Append(name[i]);
            else
                i = end;
        }
        return decoded.ToString();
    }

    /// <returns>Null for what is not text: half a pair of surrogates, too, which would become the same replacement character for every such
    /// name.</returns>
    private static string? Run(string coded)
    {
        var bytes = new byte[coded.Length];
        if (
            coded.Length % 4 == 1
            || !Convert.TryFromBase64String(coded.Replace(',', '/').PadRight((coded.Length + 3) / 4 * 4, '='), bytes, out var count)
            || count % 2 != 0
        )
            return null;
        var text = Encoding.BigEndianUnicode.GetString(bytes, 0, count);
        return
            text.Length > 0
            && !text.Contains('\0')
            && Encoding.BigEndianUnicode.GetBytes(text).AsSpan().SequenceEqual(bytes.AsSpan(0, count))
            ? text
            : null;
    }
}
