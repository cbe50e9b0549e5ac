using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Redaction;
using Migrator.Identity.Logins;

namespace Migrator.Identity.OAuth;

/// <summary>A login on a page of the server, from which the browser returns with a code (RFC 6749, section 4.1, with PKCE, RFC 7636). On a
/// machine without a browser, the person copies the address at which the browser of another machine ended.</summary>
internal sealed class BrowserLogin(OAuthTokens settings, string secret, TokenEndpoint endpoint)
{
    /// <param name="server">Names the server, and for whom it is asked.</param>
    /// <returns>The answer with the refresh token.</returns>
    public async Task<TokenResponse> RequestAsync(string server, ILoginPrompt prompt, CancellationToken cancellationToken)
    {
        using var listener = LoopbackListener.Start();
        var (state, verifier) = (CryptoRandom.CreateUniqueId(), CryptoRandom.CreateUniqueId());
        SecretRedactor.Add(verifier);
        prompt.ShowPage(Page(listener.Address, state, verifier));
        var answer = Parse(await AddressAsync(listener, state, prompt, cancellationToken))!;
        if (answer.IsError || answer.Code is not { Length: > 0 } code)
            throw new MailException(
                answer.Error == "access_denied" ? Reason.LoginDeclined : Reason.TokenRequestRefused,
                $"{server}: the login ended without access "
                    + $"({string.Join(": ", new[] { answer.Error, answer.ErrorDescription }.Where(part => !string.IsNullOrEmpty(part)))})."
            );
        SecretRedactor.Add(code);
        var request = OAuthRequests.Create(settings, secret, OidcConstants.GrantTypes.AuthorizationCode);
        request.Parameters.Add("code", code);
        request.Parameters.Add("redirect_uri", listener.Address.AbsoluteUri);
        request.Parameters.Add("code_verifier", verifier);
        return await endpoint.RequestAsync(server, request, cancellationToken);
    }

    private Uri Page(Uri redirect, string state, string verifier)
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var page = new UriBuilder(settings.AuthorizationEndpoint!);
        var query = new RequestUrl("").CreateAuthorizeUrl(
            settings.ClientId,
            OidcConstants.ResponseTypes.Code,
            scope: settings.Scope,
            redirectUri: redirect.AbsoluteUri,
            state: state,
            codeChallenge: challenge,
            codeChallengeMethod: OidcConstants.CodeChallengeMethods.Sha256
        );
        // The endpoint may have parameters already (RFC 6749, section 3.1).
        page.Query = string.Join('&', new[] { page.Query.TrimStart('?'), query.TrimStart('?') }.Where(part => part.Length > 0));
        return page.Uri;
    }

    /// <summary>From the browser of this machine or from the person, whichever comes first.</summary>
    private static async Task<string> AddressAsync(
        LoopbackListener listener,
        string state,
        ILoginPrompt prompt,
        CancellationToken cancellationToken
    )
    {
        using var first = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (browser, person) = (
            listener.ReceiveAsync(address => Refusal(address.AbsoluteUri, state), first.Token),
            ReadAsync(state, prompt, first.Token)
        );
        var done = await Task.WhenAny(browser, person);
        await first.CancelAsync();
        // The other one ends by that; what it says no longer counts.
        await Task.WhenAny(Task.WhenAll(browser, person), Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
        return done == browser ? (await browser).AbsoluteUri : await person;
    }

    private static async Task<string> ReadAsync(string state, ILoginPrompt prompt, CancellationToken cancellationToken)
    {
        while (true)
        {
            var address = await prompt.ReadAddressAsync(cancellationToken);
            if (Refusal(address, state) is not { } refused)
                return address;
            prompt.Reject(refused);
        }
    }

    /// <returns>Null where it is no such address: anything can be pasted, and any page can send anything to the port.</returns>
    private static AuthorizeResponse? Parse(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Query.Length == 0)
            return null;
        try
        {
            return new AuthorizeResponse(address);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <returns>Null where it is the answer to this login: another page could send the code of another account.</returns>
    private static string? Refusal(string address, string state)
    {
        if (Parse(address) is not { } answer || (answer.Code is null && answer.Error is null))
            return "This is not the address at which a login ends. It begins with http://127.0.0.1: and contains code= or error=.";
        return
            answer.State is { } given
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(state))
            ? null
            : "This address belongs to another login. Open the page that this login shows.";
    }
}
