using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Failures;

namespace Migrator.Mail.Connections;

/// <summary>CONNECT of HTTP (RFC 9110, section 9.3.6), with Basic authentication (RFC 7617) where there is a user.</summary>
internal sealed partial class HttpTunnel(Stream stream, Func<Reason, string, Exception?, MailException> fail) : ProxyTunnel(stream, fail)
{
    // Headers of a proxy are short. One that never ends would fill the memory.
    private const int LongestAnswer = 1 << 14;

    private const int LongestShown = 100;

    protected override async Task OpenAsync(string host, int port, string user, string password, CancellationToken cancellationToken)
    {
        var authority = $"{(host.Contains(':') ? $"[{host}]" : host)}:{port}";
        var login =
            user.Length > 0 ? $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}\r\n" : "";
        await WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{login}\r\n"), cancellationToken);
        var line = await AnswerAsync(cancellationToken);
        if (StatusLine().Match(line) is not { Success: true } status)
            throw NoProxy();
        var reason = status.Groups["code"].Value switch
        {
            ['2', ..] => null,
            // tinyproxy answers a wrong password as a server would.
            "407" or "401" => Reason.ProxyLoginRefused,
            ['5', ..] => Reason.ProxyDestination,
            _ => Reason.ProxyForbidden,
        };
        if (reason is not null)
            throw Failed(
                reason,
                $"does not connect to {authority}: {status.Groups["code"].Value} {Shown(status.Groups["text"].Value)}".TrimEnd()
            );
    }

    /// <summary>Byte by byte: what follows the headers is from the mail server.</summary>
    /// <returns>The first line.</returns>
    private async Task<string> AnswerAsync(CancellationToken cancellationToken)
    {
        var answer = new StringBuilder();
        while (!EndOfHeaders().IsMatch(Tail(answer)))
        {
            answer.Append((char)(await ReadAsync(1, cancellationToken))[0]);
            if (answer.Length > LongestAnswer)
                throw NoProxy();
        }
        return answer.ToString().Split('\n')[0].TrimEnd('\r');
    }

    private static string Tail(StringBuilder answer)
    {
        const int most = 4;
        var start = Math.Max(0, answer.Length - most);
        return answer.ToString(start, answer.Length - start);
    }

    private static string Shown(string text) =>
        string.Concat(text[..Math.Min(text.Length, LongestShown)].Where(letter => !char.IsControl(letter)));

    private MailException NoProxy() => Failed(Reason.ProxyUnreachable, "did not answer as an HTTP proxy");

    [GeneratedRegex(@"^HTTP/1\.[01] (?<code>[0-9]{3})(?: (?<text>.*))?$")]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"\n\r?\n\z")]
    private static partial Regex EndOfHeaders();
}
