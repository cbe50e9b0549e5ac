using System.Text;
using System.Text.RegularExpressions;
using MailKit;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>Keeps the last bytes that the server said. MailKit parses response codes such as <c>[OVERQUOTA]</c> but gives
/// out neither them nor their arguments; they tell a full mailbox from a message that is refused.</summary>
/// <param name="transcript">Gets everything too; null for none. It is closed with the connection.</param>
internal sealed partial class ResponseCodeCapture(Transcript? transcript) : IProtocolLogger
{
    private readonly byte[] _tail = new byte[1024];
    private int _length;
    private IAuthenticationSecretDetector? _detector = new NothingIsKept();

    public Transcript? Transcript => transcript;

    /// <summary>The first line that the server said, as far as it was kept.</summary>
    public string Greeting { get; private set; } = "";

    public IAuthenticationSecretDetector? AuthenticationSecretDetector
    {
        get => transcript?.Detector ?? _detector;
        set
        {
            if (transcript is not null)
                transcript.Detector = value;
            _detector = value;
        }
    }

    /// <summary>The last line that refused a command: its response code in upper case without brackets, or an empty text, and the words
    /// after it.</summary>
    public (string Code, string Text) Refusal() => Last(Refusing());

    /// <summary>The last line that said goodbye, likewise. What was refused before has nothing to do with the end of a
    /// connection.</summary>
    public (string Code, string Text) Goodbye() => Last(SayingGoodbye());

    public void LogConnect(Uri uri)
    {
        _length = 0;
        transcript?.Connected(uri);
    }

    public void LogClient(byte[] buffer, int offset, int count) => transcript?.Client(buffer.AsSpan(offset, count));

    public void LogServer(byte[] buffer, int offset, int count)
    {
        var said = buffer.AsSpan(offset, count);
        transcript?.Server(said);
        if (Greeting.Length == 0)
            Greeting = Encoding.Latin1.GetString(said[..Math.Min(said.Length, _tail.Length)]).Split('\r', '\n')[0];
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

    public void Dispose() => transcript?.Dispose();

    private (string Code, string Text) Last(Regex form)
    {
        var match = form.Matches(Encoding.Latin1.GetString(_tail, 0, _length)).LastOrDefault();
        return match is null ? ("", "") : (match.Groups["code"].Value.ToUpperInvariant(), match.Groups["text"].Value.Trim());
    }

    [GeneratedRegex(
        @"^[A-Za-z]\d+ (?:NO|BAD)\b(?: \[(?<code>[^\]]*)\])?(?<text>[^\r\n]*)\r?$",
        RegexOptions.Multiline | RegexOptions.IgnoreCase
    )]
    private static partial Regex Refusing();

    [GeneratedRegex(@"^\* BYE\b(?: \[(?<code>[^\]]*)\])?(?<text>[^\r\n]*)\r?$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex SayingGoodbye();

    private sealed class NothingIsKept : IAuthenticationSecretDetector
    {
        public IList<AuthenticationSecret> DetectSecrets(byte[] buffer, int offset, int count) => [];
    }
}
