using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Identity.Client;
using Migrator.Core.Failures;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.Entra;

/// <summary>What answers of Microsoft Entra ID mean (AADSTS codes).</summary>
internal static partial class EntraErrors
{
    private static readonly Dictionary<int, Reason> s_codes = new()
    {
        [7000215] = Reason.EntraSecretWrong,
        [7000222] = Reason.EntraSecretExpired,
        [700027] = Reason.EntraCertificateUnknown,
        [700016] = Reason.EntraApplicationUnknown,
        [90002] = Reason.EntraTenantUnknown,
        [65001] = Reason.EntraConsentMissing,
        [500011] = Reason.EntraExchangeMissing,
        [7000112] = Reason.EntraApplicationDisabled,
        [70021] = Reason.EntraFederationMismatch,
        [700211] = Reason.EntraFederationMismatch,
        [700213] = Reason.EntraFederationMismatch,
        [700024] = Reason.ClockWrong,
        [7000218] = Reason.EntraPublicClientOff,
        [65004] = Reason.LoginDeclined,
        [90094] = Reason.EntraConsentMissing,
        [53000] = Reason.EntraBlocked,
        [53003] = Reason.EntraBlocked,
        [50034] = Reason.EntraAccountUnknown,
        [50057] = Reason.EntraAccountDisabled,
        [50076] = Reason.LoginExpired,
        [50079] = Reason.LoginExpired,
        [50158] = Reason.LoginExpired,
        [50173] = Reason.LoginExpired,
        [700082] = Reason.LoginExpired,
        [700084] = Reason.LoginExpired,
        [70011] = Reason.TokenScopeRefused,
        [1002012] = Reason.TokenScopeRefused,
        [50196] = Reason.TokenThrottled,
        [90055] = Reason.TokenThrottled,
    };

    /// <exception cref="MailException">The library passes on an answer without a token.</exception>
    public static AccessToken Token(string server, AuthenticationResult result) =>
        result.AccessToken is { Length: > 0 } token
            ? new AccessToken(token, result.ExpiresOn - TimeProvider.System.GetUtcNow())
            : throw NoAnswer(server, null);

    /// <returns>Null for a cancellation.</returns>
    public static MailException? Translate(string server, Exception exception, CancellationToken cancellationToken) =>
        exception switch
        {
            MailException known => known,
            MsalServiceException refused => TokenFailures.Of(
                server,
                (HttpStatusCode)refused.StatusCode,
                refused.ErrorCode ?? "",
                refused.Message,
                Meaning(refused.Message) ?? (refused is MsalUiRequiredException ? Reason.LoginExpired : null),
                refused.Headers?.RetryAfter?.Delta,
                refused
            ),
            MsalException failed when failed.InnerException is HttpRequestException or IOException => TokenFailures.Unreachable(
                server,
                failed
            ),
            MsalException failed => new MailException(Reason.TokenRequestRefused, $"{server}: no access token ({failed.Message}).", failed),
            _ when TokenFailures.IsUnreachable(exception, cancellationToken) => TokenFailures.Unreachable(server, exception),
            OperationCanceledException => null,
            // The library's reader can break anywhere in an answer that is none, such as the login page of a proxy.
            _ => NoAnswer(server, exception),
        };

    private static MailException NoAnswer(string server, Exception? exception) =>
        new(Reason.TokenRequestRefused, $"{server}: no access token (the answer is not the one that was asked for).", exception);

    private static Reason? Meaning(string message) =>
        Code().Match(message) is { Success: true } match
        && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? s_codes.GetValueOrDefault(code)
            : null;

    [GeneratedRegex(@"AADSTS(\d+)")]
    private static partial Regex Code();
}
