using System.Text;
using System.Text.RegularExpressions;
using MailKit;

namespace Migrator.Mail.Imap;

/// <summary>Keeps the last octets that the server said. MailKit parses response codes such as <c>[OVERQUOTA]</c> but gives
/// out neither them nor their arguments; they tell a full mailbox from a message that is refused.</summary>
internal sealed partial class ResponseTail : IProtocolLogger
{
    private readonly byte[] _tail = new byte[1024];
    private int _length;

    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; } = new NothingIsKept();

    /// <summary>The last line that closed a command, or said goodbye: its response code in upper case without brackets,
    /// or an empty text, and the words after it.</summary>
    public (string Code, string Text) Last()
    {
        var text = Encoding.Latin1.GetString(_tail, 0, _length);
        var match = Closing().Matches(text).LastOrDefault();
        return match is null ? ("", "") : (match.Groups["code"].Value.ToUpperInvariant(), match.Groups["text"].Value.Trim());
    }

    public void LogConnect(Uri uri) => _length = 0;

    public void LogClient(byte[] buffer, int offset, int count)
    {
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
        var said = buffer.AsSpan(offset, count);
        if (said.Length >= _tail.Length)
        {
            said[^_tail.Length..].CopyTo(_tail);
            _length = _tail.Length;
            return;
        }
        var keep = Math.Min(_length, _tail.Length - said.Length);
        _tail.AsSpan(_length - keep, keep).CopyTo(_tail);
        said.CopyTo(_tail.AsSpan(keep));
        _length = keep + said.Length;
    }

    public void Dispose()
    {
    }

    [GeneratedRegex(@"^(?:[A-Za-z]\d+ (?:NO|BAD)|\* BYE)(?: \[(?<code>[^\]]*)\])?(?<text>[^\r\n]*)\r?$", RegexOptions.Multiline)]
    private static partial Regex Closing();

    private sealed class NothingIsKept : IAuthenticationSecretDetector
    {
        public IList<AuthenticationSecret> DetectSecrets(byte[] buffer, int offset, int count) => [];
    }
}
