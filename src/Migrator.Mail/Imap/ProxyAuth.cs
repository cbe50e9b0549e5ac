using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>Logs an administrator in and changes to a user by PROXYAUTH (servers of Sun and Oracle). Done before MailKit takes the
/// connection over: it asks for namespaces and folders at the login, and would keep those of the administrator.</summary>
/// <param name="stream">Inside TLS, if there is any.</param>
internal sealed partial class ProxyAuth(Stream stream, ConnectAttempt attempt, Transcript? transcript)
{
    /// <summary>What the server is taken to have said instead of its greeting: somebody is logged in.</summary>
    public const string Greeting = "* PREAUTH by PROXYAUTH\r\n";

    private const string Login = "P1",
        Change = "P2";

    private const int MostLines = 100;

    /// <param name="server">With an administrator.</param>
    /// <param name="password">That of the administrator.</param>
    /// <param name="greeted">The server's greeting has been read.</param>
    /// <exception cref="MailException">Who was refused, and why.</exception>
    public async Task LogInAsync(MailServer server, string password, bool greeted, CancellationToken cancellationToken)
    {
        var admin = server.Admin!.User;
        try
        {
            if (!greeted && await LineAsync(cancellationToken) is var line && !line.StartsWith("* OK", StringComparison.OrdinalIgnoreCase))
                throw ImapErrors.Goodbye(line, $"connecting to {attempt.Where}")
                    ?? attempt.Failed(Reason.TlsMode, "no IMAP server answered", null);
            await SayAsync(
                Login,
                "LOGIN",
                [admin, password],
                $"logging in as the administrator {admin}",
                Reason.AdminRefused,
                cancellationToken
            );
            await SayAsync(Change, "PROXYAUTH", [server.User], $"PROXYAUTH by {admin}", Reason.AdminNotAllowed, cancellationToken);
        }
        catch (Exception exception) when (exception is not MailException && ExceptionClassifier.IsMail(exception))
        {
            // Not to be taken for a server that expects TLS: the password would be sent again.
            throw attempt.Failed(
                Reason.ConnectionLost,
                $"the connection was lost while the administrator logged in ({ExceptionClassifier.Innermost(exception)})",
                exception
            );
        }
    }

    private async Task SayAsync(
        string tag,
        string command,
        string[] arguments,
        string what,
        Reason refused,
        CancellationToken cancellationToken
    )
    {
        what = $"{attempt.Where}: {what}";
        transcript?.ClientLine($"{tag} {command} {(command == "LOGIN" ? "" : arguments[0])}");
        var text = new StringBuilder($"{tag} {command}");
        foreach (var argument in arguments)
        {
            if (IsQuotable(argument))
            {
                text.Append(" \"")
                    .Append(argument.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
                text.Append('"');
                continue;
            }
            // A literal, which waits for the server's go-ahead.
            await WriteAsync($"{text} {{{Encoding.UTF8.GetByteCount(argument)}}}\r\n", cancellationToken);
            if (await AnswerAsync(tag, what, refused, cancellationToken))
                throw attempt.Failed(Reason.ConnectionLost, "the server answered before the command was complete", null);
            text.Clear().Append(argument);
        }
        await WriteAsync($"{text}\r\n", cancellationToken);
        if (!await AnswerAsync(tag, what, refused, cancellationToken))
            throw attempt.Failed(Reason.ConnectionLost, "the server waits for more than a command", null);
    }

    /// <returns>Whether the command has succeeded; false for a go-ahead.</returns>
    private async Task<bool> AnswerAsync(string tag, string what, Reason refused, CancellationToken cancellationToken)
    {
        for (var lines = 0; lines < MostLines; lines++)
        {
            var line = await LineAsync(cancellationToken);
            if (line.StartsWith('+'))
                return false;
            if (ImapErrors.Goodbye(line, what) is { } goodbye)
                throw AnswerMeaning.RefusesLogin("", line) ? ImapErrors.Refused("", line, refused, what) : goodbye;
            if (!line.StartsWith($"{tag} ", StringComparison.OrdinalIgnoreCase))
                continue;
            var answer = line[(tag.Length + 1)..];
            if (answer.StartsWith("OK", StringComparison.OrdinalIgnoreCase))
                return true;
            var no = Refusing().Match(answer);
            throw ImapErrors.Refused(no.Groups["code"].Value, no.Groups["text"].Value, refused, what);
        }
        throw attempt.Failed(Reason.AnswerTooLong, "the server's answer to the login does not end", null);
    }

    private Task<string> LineAsync(CancellationToken cancellationToken) => StartTls.ReadAsync(stream, transcript, cancellationToken);

    private ValueTask WriteAsync(string text, CancellationToken cancellationToken) =>
        stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    private static bool IsQuotable(string text) => text.All(letter => letter is >= ' ' and <= '~');

    [GeneratedRegex(@"^\S*(?: \[(?<code>[^\]]*)\])?(?<text>.*)$")]
    private static partial Regex Refusing();
}
