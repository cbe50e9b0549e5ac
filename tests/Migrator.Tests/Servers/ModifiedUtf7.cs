using System.Text;

namespace Migrator.Tests.Servers;

/// <summary>Folder names on the wire (RFC 3501, section 5.1.3).</summary>
public static class ModifiedUtf7
{
    public static string Encode(string name)
    {
        var (encoded, run) = (new StringBuilder(), new StringBuilder());
        foreach (var letter in name + '\0')
        {
            if (letter is '\0' or (>= ' ' and <= '~'))
            {
                if (run.Length > 0)
                    encoded
                        .Append('&')
                        .Append(Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(run.ToString())).TrimEnd('=').Replace('/', ','))
                        .Append('-');
                run.Clear();
                encoded.Append(
                    letter switch
                    {
                        '\0' => "",
                        '&' => "&-",
                        _ => letter.ToString(),
                    }
                );
            }
            else
            {
                run.Append(letter);
            }
        }
        return encoded.ToString();
    }

    public static string Decode(string name)
    {
        var decoded = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '&')
            {
                decoded.Append(name[i]);
                continue;
            }
            var end = name.IndexOf('-', i);
            var coded = name[(i + 1)..end].Replace(',', '/');
            decoded.Append(
                coded.Length == 0
                    ? "&"
                    : Encoding.BigEndianUnicode.GetString(Convert.FromBase64String(coded.PadRight((coded.Length + 3) / 4 * 4, '=')))
            );
            i = end;
        }
        return decoded.ToString();
    }
}
