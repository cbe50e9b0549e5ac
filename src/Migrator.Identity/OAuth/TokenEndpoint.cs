using System.Text.Json;
using Duende.IdentityModel.Client;
using Migrator.Core.Failures;
using Migrator.Identity.Tokens;

namespace Migrator.Identity.OAuth;

/// <summary>Sends one request to a token endpoint (RFC 6749, section 4.4 and 6; RFC 7523).</summary>
/// <param name="meaning">What the provider means by an error code and its description; null where it is the standard's.</param>
internal sealed class TokenEndpoint(HttpClient http, TimeProvider time, Func<string, string, Reason?> meaning)
{
    // Where an answer does not say, as RFC 6749, section 5.1 allows.
    private static readonly TimeSpan s_usualLife = TimeSpan.FromMinutes(10);

    /// <param name="server">Names the token server, and for whom it is asked.</param>
    /// <exception cref="MailException">It refused, or was not reached.</exception>
    public async Task<TokenResponse> RequestAsync(string server, TokenRequest request, CancellationToken cancellationToken)
    {
        TokenResponse response;
        try
        {
            response = await http.RequestTokenAsync(request, cancellationToken);
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            throw TokenFailures.Unreachable(server, exception);
        }
        // Of anything but an object, the library's properties throw.
        var isObject = response.Json is { ValueKind: JsonValueKind.Object };
        if (isObject && !response.IsError && response.AccessToken is { Length: > 0 })
            return response;
        cancellationToken.ThrowIfCancellationRequested();
        // Without an HTTP answer, the library reports what it caught.
        if (response.HttpResponse is not { } answer)
            throw TokenFailures.Unreachable(server, response.Exception ?? new HttpRequestException(response.Error));
        var (error, description) = isObject ? (response.TryGet("error") ?? "", response.ErrorDescription ?? "") : ("", "");
        throw TokenFailures.Of(
            server,
            answer.StatusCode,
            error,
            answer.IsSuccessStatusCode && error.Length == 0 ? "there is no access token in the answer" : description,
            meaning(error, description),
            TokenFailures.RetryAfter(answer.Headers.RetryAfter, time),
            response.Exception
        );
    }

    public static AccessToken Token(TokenResponse response) =>
        new(response.AccessToken!, response.ExpiresIn > 0 ? TimeSpan.FromSeconds(response.ExpiresIn) : s_usualLife);
}
