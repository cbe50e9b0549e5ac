using System.Globalization;
using System.Text;
using MailKit;
using Migrator.Core.Redaction;

namespace Migrator.Mail.Connections;

/// <summary>Writes one connection down, line by line: <c>C:</c> for what the client said, <c>S:</c> for the server.</summary>
/// <remarks>Literals are left out and only counted, whichever side they come from: they hold messages, and passwords where LOGIN sends
/// them so. Between a command that logs in and its answer, nothing is written but who spoke.</remarks>
internal sealed class Transcript(TextWriter output, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LineReader _client = new(),
        _server = new();
    private bool _authenticating,
        _ended;

    /// <summary>MailKit says by it which octets are credentials.</summary>
    public IAuthenticationSecretDetector? Detector { get; set; }

    public void Connected(Uri server) => Write("*", $"connecting to {server.Scheme}://{server.Host}:{server.Port}");

    public void Client(ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray();
        // Masked in place, so that what is left are the same lines.
        foreach (var secret in Detector?.DetectSecrets(copy, 0, copy.Length) ?? [])
            copy.AsSpan(secret.StartIndex, secret.Length).Fill((byte)'*');
        lock (_lock)
            _client.Read(copy, line => Client(line));
    }

    public void Server(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
            _server.Read(bytes, line => Server(line));
    }

    /// <summary>One line that a protocol of our own sends.</summary>
    public void ClientLine(string line)
    {
        lock (_lock)
            Client(line);
    }

    /// <summary>One line that a protocol of our own was given.</summary>
    public void ServerLine(string line)
    {
        lock (_lock)
            Server(line);
    }

    /// <summary>Says of octets only that they passed.</summary>
    public void Content(long bytes, bool fromServer) => Write(fromServer ? "S" : "C", $"[{bytes} bytes]");

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            output.Dispose();
        }
    }

    private void Client(string line)
    {
        var shown = _authenticating ? SecretRedactor.Mask : CredentialRedactor.Hide(line);
        _authenticating |= CredentialRedactor.Begins(line);
        Write("C", shown);
    }

    private void Server(string line)
    {
        // A challenge of SCRAM or CRAM-MD5 is half of what a password can be guessed from; what a refusal quotes, nobody knows.
        var shown = _authenticating && CredentialRedactor.Challenge(line) ? $"+ {SecretRedactor.Mask}" : line;
        _authenticating &= !CredentialRedactor.Ends(line);
        Write("S", shown);
    }

    private void Write(string who, string line)
    {
        const int longest = 2000;
        var text = SecretRedactor.Redact(line);
        lock (_lock)
        {
            if (_ended)
                return;
            try
            {
                output.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{time.GetUtcNow():HH:mm:ss.fff} {who}: {(text.Length > longest ? text[..longest] + " …" : text)}"
                    )
                );
            }
            catch (IOException)
            {
                // A full disk is no reason to lose the connection that is being watched.
                _ended = true;
            }
        }
    }

    /// <summary>Makes lines of octets, and leaves literals out (RFC 9051, section 4.3).</summary>
    private sealed class LineReader
    {
        private const int Longest = 8000;

        private readonly StringBuilder _line = new();
        private long _literal;

        public void Read(ReadOnlySpan<byte> bytes, Action<string> line)
        {
            while (bytes.Length > 0)
            {
                if (_literal > 0)
                {
                    var skipped = (int)Math.Min(_literal, bytes.Length);
                    _literal -= skipped;
                    bytes = bytes[skipped..];
                    continue;
                }
                var end = bytes.IndexOf((byte)'\n');
                var part = end < 0 ? bytes : bytes[..end];
                _line.Append(Encoding.Latin1.GetString(part));
                // The end stays whatever the length: it may announce a literal.
                if (_line.Length > Longest)
                    _line.Remove(Longest / 2, _line.Length - Longest);
                if (end < 0)
                    return;
                bytes = bytes[(end + 1)..];
                var text = _line.ToString().TrimEnd('\r');
                _literal = CredentialRedactor.Literal(text);
                _line.Clear();
                line(text);
            }
        }
    }
}
