using System.Text;

namespace Migrator.Mail.Imap;

/// <summary>Folder names as they go over the wire (RFC 3501, section 5.1.3). MailKit has this too, but not for
/// others.</summary>
internal static class ModifiedUtf7
{
    /// <returns>The name encoded and quoted.</returns>
    public static string Quoted(string name)
    {
        var (encoded, run) = (new StringBuilder("\""), new StringBuilder());
        foreach (var letter in name)
        {
            if (letter is < ' ' or > '~')
            {
                run.Append(letter);
                continue;
            }
            End();
            encoded.Append(letter switch { '&' => "&-", '"' => "\\\"", '\\' => "\\\\", _ => letter.ToString() });
        }
        End();
        return encoded.Append('"').ToString();

        void End()
        {
            if (run.Length > 0)
                encoded.Append('&').Append(Convert.ToBase64String(Encoding.BigEndianUnicode.GetBytes(run.ToString())).TrimEnd('=').Replace('/', ',')).Append('-');
            run.Clear();
        }
    }
}
