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
        var response = await SendAsync(server, request, cancellationToken);
        return IsToken(response) ? response : throw Refusal(server, response);
    }

    /// <inheritdoc cref="RequestAsync"/>
    /// <returns>A token or a refusal.</returns>
    public async Task<TokenResponse> SendAsync(string server, TokenRequest request, CancellationToken cancellationToken)
    {
        TokenResponse response;
        try
        {
            response = await http.RequestTokenAsync(request, cancellationToken);
        }
        catch (Exception exception) when (TokenFailures.IsUnreachable(exception, cancellationToken))
        {
            throw TokenFailures.Unreachable(server, exception);
        }
        // An answer counts even where nobody waits for it any more: it may have the only refresh token that holds.
        if (response.HttpResponse is not null)
            return response;
        cancellationToken.ThrowIfCancellationRequested();
        // Without an HTTP answer, the library reports what it caught.
        throw TokenFailures.Unreachable(server, response.Exception ?? new HttpRequestException(response.Error));
    }

    public static bool IsToken(TokenResponse response) =>
        IsObject(response) && !response.IsError && response.AccessToken is { Length: > 0 };

    /// <returns>Empty where there is none.</returns>
    public static string Error(ProtocolResponse response) => IsObject(response) ? response.TryGet("error") ?? "" : "";

    public MailException Refusal(string server, ProtocolResponse response)
    {
        var answer = response.HttpResponse!;
        var (error, description) = (Error(response), IsObject(response) ? response.TryGet("error_description") ?? "" : "");
        return TokenFailures.Of(
            server,
            answer.StatusCode,
            error,
            answer.IsSuccessStatusCode && error.Length == 0 ? "the answer is not the one that was asked for" : description,
            meaning(error, description),
            TokenFailures.RetryAfter(answer.Headers.RetryAfter, time),
            response.Exception
        );
    }

    // Of anything but an object, and of what is no text, the library's properties throw.
    public static bool IsObject(ProtocolResponse response) =>
        response.Json is { ValueKind: JsonValueKind.Object } json && JsonTexts.AreReadable(json);

    public static AccessToken Token(TokenResponse response) =>
        new(response.AccessToken!, response.ExpiresIn > 0 ? TimeSpan.FromSeconds(response.ExpiresIn) : s_usualLife);
}
