using System.Text;
using Migrator.Core.Failures;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>Begins TLS on a connection that is plaintext (STARTTLS, RFC 9051 section 6.2.1). Done here and not by MailKit, so that the
/// stream inside TLS is in our hands.</summary>
internal static class StartTls
{
    /// <summary>What the server is taken to have said in TLS before the first command: its real greeting may have come from anyone, and so
    /// is forgotten.</summary>
    public const string Greeting = "* OK in TLS\r\n";

    private const int LongestLine = 8000;
    private const int MostLines = 100;

    /// <param name="stream">At the server's greeting. Closed where this fails.</param>
    /// <exception cref="MailException">The server does not let TLS begin.</exception>
    public static async Task<Stream> BeginAsync(
        Stream stream,
        ConnectAttempt attempt,
        Transcript? transcript,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var greeting = await ReadAsync(stream, transcript, cancellationToken);
            if (ImapErrors.Goodbye(greeting, $"connecting to {attempt.Where}") is { } goodbye)
                throw goodbye;
            if (!greeting.StartsWith("* OK", StringComparison.OrdinalIgnoreCase))
                throw attempt.Failed(
                    Reason.TlsMode,
                    greeting.StartsWith("* PREAUTH", StringComparison.OrdinalIgnoreCase)
                        ? "the server begins without TLS (PREAUTH)"
                        : "no IMAP server answered",
                    null
                );
            transcript?.ClientLine("T1 STARTTLS");
            await stream.WriteAsync("T1 STARTTLS\r\n"u8.ToArray(), cancellationToken);
            for (var lines = 0; lines < MostLines; lines++)
            {
                var line = await ReadAsync(stream, transcript, cancellationToken);
                if (ImapErrors.Goodbye(line, $"connecting to {attempt.Where}") is { } end)
                    throw end;
                if (!line.StartsWith("T1 ", StringComparison.OrdinalIgnoreCase))
                    continue;
                // What the server has sent beyond this line is taken for TLS, and so is refused.
                return line.StartsWith("T1 OK", StringComparison.OrdinalIgnoreCase)
                    ? await attempt.SecureAsync(stream, cancellationToken)
                    : throw attempt.Failed(Reason.TlsMode, "the server does not offer STARTTLS", null);
            }
            throw attempt.Failed(Reason.TlsMode, "no IMAP server answered", null);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Byte by byte: what comes after the line is TLS.</summary>
    public static async Task<string> ReadAsync(Stream stream, Transcript? transcript, CancellationToken cancellationToken)
    {
        var (line, one) = (new StringBuilder(), new byte[1]);
        while (line.Length < LongestLine && await stream.ReadAsync(one, cancellationToken) > 0)
        {
            if (one[0] != '\n')
            {
                line.Append((char)one[0]);
                continue;
            }
            var text = line.ToString().TrimEnd('\r');
            transcript?.ServerLine(text);
            return text;
        }
        throw new IOException("The server closed the connection.");
    }
}
