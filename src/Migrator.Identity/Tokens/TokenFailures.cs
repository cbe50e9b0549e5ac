using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Migrator.Core.Failures;
using Migrator.Core.Redaction;

namespace Migrator.Identity.Tokens;

/// <summary>What an answer of a token server means (RFC 6749, section 5.2).</summary>
internal static class TokenFailures
{
    private const int MostShown = 500;

    /// <param name="server">Names the token server, and for whom it was asked.</param>
    /// <param name="error">The code in the answer; empty where it has none.</param>
    /// <param name="known">What the provider means by it; null where that is not known.</param>
    public static MailException Of(
        string server,
        HttpStatusCode status,
        string error,
        string description,
        Reason? known,
        TimeSpan? retryAfter,
        Exception? inner = null
    )
    {
        var reason =
            known
            ?? (
                status == HttpStatusCode.TooManyRequests ? Reason.TokenThrottled
                : (int)status >= 500 ? Reason.TokenServerUnavailable
                : error switch
                {
                    "temporarily_unavailable" or "server_error" => Reason.TokenServerUnavailable,
                    "invalid_client" or "unauthorized_client" => Reason.TokenClientRefused,
                    "invalid_grant" => Reason.TokenGrantRefused,
                    "invalid_scope" => Reason.TokenScopeRefused,
                    _ => Reason.TokenRequestRefused,
                }
            );
        var said = string.Join(": ", new[] { error, OneLine(description) }.Where(part => part.Length > 0));
        var code = ((int)status).ToString(CultureInfo.InvariantCulture);
        return new MailException(
            reason,
            $"{server}: no access token ({(said.Length > 0 ? $"HTTP {code}, {said}" : $"HTTP {code}")}).",
            inner
        )
        {
            RetryAfter = retryAfter,
        };
    }

    public static bool IsUnreachable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    public static MailException Unreachable(string server, Exception exception) =>
        new(
            Reason.TokenServerUnavailable,
            $"{server}: no access token "
                + $"({(exception is OperationCanceledException ? "no answer in time" : Innermost(exception).Message)}).",
            exception
        );

    public static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, TimeProvider time) =>
        header?.Delta ?? (header?.Date - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero ? wait : null);

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;

    private static string OneLine(string text)
    {
        // Before it is shortened: half a secret would not be found.
        text = SecretRedactor.Redact(text);
        // Of what follows, Microsoft's support knows what to do, and nobody else.
        var end = text.IndexOf(" Trace ID:", StringComparison.Ordinal);
        var line = string.Join(' ', (end < 0 ? text : text[..end]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .TrimEnd('.');
        return line.Length <= MostShown ? line : $"{line.AsSpan(0, MostShown)}…";
    }
}
