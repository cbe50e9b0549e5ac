using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;
using Migrator.Identity.Provider;
using Migrator.Mail.Imap;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Identity;

/// <summary>Each way to prove to a token server who asks, and what is sent.</summary>
public sealed class TokenGrantTests : IAsyncLifetime
{
    private static readonly SecretReference s_secret = new(SecretSource.Env, "SECRET");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("grants");
    private TokenAuthority _authority = null!;
    private TokenProvider _provider = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _authority = await TokenAuthority.StartAsync();
        _provider = new TokenProvider(TestLogins.None, TimeProvider.System, _authority.Handler());
    }

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        await _authority.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(MicrosoftCloud.Global, "https://outlook.office365.com/.default")]
    [InlineData(MicrosoftCloud.GccHigh, "https://outlook.office365.us/.default")]
    [InlineData(MicrosoftCloud.Dod, "https://outlook.office365.us/.default")]
    [InlineData(MicrosoftCloud.China, "https://partner.outlook.cn/.default")]
    public async Task An_application_asks_for_the_mail_of_its_cloud(MicrosoftCloud cloud, string scope)
    {
        await GetAsync(Entra(MicrosoftGrant.ClientSecret) with { Cloud = cloud, ClientSecret = s_secret });

        var request = Assert.Single(_authority.Requests);
        Assert.Equal(
            (TokenAuthority.Tenant, "client_credentials", TokenAuthority.ClientId, scope),
            (request.Endpoint, request["grant_type"], request["client_id"], request["scope"])
        );
    }

    [Theory]
    [InlineData("pfx", "")]
    [InlineData("pfx", "password of the file")]
    [InlineData("pem", "")]
    [InlineData("pem", "password of the file")]
    public async Task A_certificate_signs_what_an_application_claims(string kind, string password)
    {
        using var certificate = TestCertificates.SelfSigned("application");
        var file = Path.Combine(_directory.FullName, $"certificate.{kind}");
        Write(certificate, file, password);

        await GetAsync(
            Entra(MicrosoftGrant.Certificate) with
            {
                CertificateFile = file,
                CertificatePassword = password.Length > 0 ? s_secret : null,
            },
            password
        );

        var parts = Assert.Single(_authority.Requests)["client_assertion"].Split('.');
        Assert.True(
            certificate
                .GetRSAPublicKey()!
                .VerifyData(
                    Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                    System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]),
                    HashAlgorithmName.SHA256,
                    RSASignaturePadding.Pss
                )
        );
    }

    [Fact]
    public void A_certificate_that_is_none_is_said_to_be_none()
    {
        var file = Path.Combine(_directory.FullName, "certificate.pfx");
        File.WriteAllText(file, "something else");

        var wrong = Assert.Throws<ConfigurationException>(() =>
            _provider.For(Entra(MicrosoftGrant.Certificate) with { CertificateFile = file }, "ann", (_, _) => "")
        );
        var missing = Assert.Throws<ConfigurationException>(() =>
            _provider.For(Entra(MicrosoftGrant.Certificate) with { CertificateFile = file + "x" }, "ann", (_, _) => "")
        );

        Assert.Equal((file, Reason.SecretMissing), (Assert.Single(wrong.Errors).Path, wrong.Reason));
        Assert.Equal((file + "x", Reason.SecretMissing), (Assert.Single(missing.Errors).Path, missing.Reason));
    }

    [Fact]
    public async Task A_federated_token_is_read_each_time()
    {
        var file = Path.Combine(_directory.FullName, "token");
        var settings = Entra(MicrosoftGrant.Federation) with { FederatedTokenFile = file };
        var missing = await Assert.ThrowsAsync<MailException>(() => GetAsync(settings));
        Assert.Equal(Reason.SecretMissing, missing.Reason);

        foreach (var (index, token) in new[] { "a.b.c", "d.e.f" }.Index())
        {
            await File.WriteAllTextAsync(file, $"{token}\n", Stop);
            using var provider = new TokenProvider(TestLogins.None, TimeProvider.System, _authority.Handler());
            await provider.For(settings, "ann", (_, _) => "").GetAsync(Stop);
            Assert.Equal(token, _authority.Requests[index]["client_assertion"]);
        }
    }

    [Fact]
    public async Task A_machine_of_Azure_has_an_identity()
    {
        // The library looks for it once in a process.
        Environment.SetEnvironmentVariable("AZURE_POD_IDENTITY_AUTHORITY_HOST", _authority.MetadataHost.AbsoluteUri);
        try
        {
            foreach (var client in new[] { "", TokenAuthority.ClientId })
                await GetAsync(new MicrosoftTokens(MicrosoftGrant.ManagedIdentity, "", client, MicrosoftCloud.Global));
        }
        finally
        {
            Environment.SetEnvironmentVariable("AZURE_POD_IDENTITY_AUTHORITY_HOST", null);
        }

        Assert.Equal(
            [("machine", "https://outlook.office365.com", ""), ("machine", "https://outlook.office365.com", TokenAuthority.ClientId)],
            _authority.Requests.Select(request => (request.Endpoint, request["resource"], request["client_id"]))
        );
    }

    [Fact]
    public async Task A_service_account_of_Google_gets_a_token_for_each_mailbox_and_opens_no_other()
    {
        await using var dovecot = await TokenMailServer.StartAsync(_authority, forAnyUser: false);
        var (ann, bob) = (DovecotServer.NewUser("ann"), DovecotServer.NewUser("bob"));
        Credential Google(string user, string? subject = null) =>
            _provider.For(new GoogleTokens(s_secret, subject), user, (_, _) => _authority.GoogleKeyJson);

        foreach (var user in new[] { ann, bob, ann })
            await (await new ImapConnector(TokenMailServer.Of(dovecot, user), Google(user)).OpenSourceAsync(Stop)).DisposeAsync();
        Assert.Equal(2, _authority.Requests.Count);
        var refused = await Assert.ThrowsAsync<MailException>(() =>
            new ImapConnector(TokenMailServer.Of(dovecot, ann), Google(ann, bob)).OpenSourceAsync(Stop)
        );

        Assert.Equal(Reason.TokenRefused, refused.Reason);
        Assert.Equal([_authority.Address.Authority], _authority.Asked.Keys);
    }

    [Theory]
    [InlineData("unauthorized_client", "Client is unauthorized to retrieve access tokens using this method.", "google-delegation-missing")]
    [InlineData("invalid_grant", "Invalid email or User ID", "google-mailbox-unknown")]
    [InlineData("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)", "clock-wrong")]
    [InlineData("invalid_grant", "Invalid JWT Signature.", "google-key-unknown")]
    [InlineData("invalid_client", "The OAuth client was not found.", "google-service-account-unknown")]
    public async Task What_Google_says_has_a_reason_of_its_own(string error, string description, string code)
    {
        _authority.Fault = _ => TokenAuthority.Error(400, error, description);

        var failure = await Assert.ThrowsAsync<MailException>(() => GetAsync(new GoogleTokens(s_secret, null), _authority.GoogleKeyJson));

        Assert.Equal((code, false), (failure.Reason.Code, failure.Reason.IsTransient));
        Assert.Contains(description.TrimEnd('.'), failure.Message);
        Assert.Contains(TokenAuthority.GoogleAccount, failure.Message);
    }

    [Theory]
    [InlineData("no JSON", "is not valid JSON")]
    [InlineData("[\"secret\"]", "is not the JSON key of a service account")]
    [InlineData("""{"type":"authorized_user"}""", "is not the JSON key of a service account")]
    [InlineData("""{"type":"service_account"}""", "has no client_email")]
    [InlineData("""{"type":"service_account","client_email":"a","private_key":"x"}""", "has a private_key that is not an RSA key")]
    [InlineData("""{"type":"service_account","client_email":"a","private_key":"x","token_uri":"http://a"}""", "has a token_uri")]
    public void A_key_of_a_service_account_that_is_none_is_not_repeated(string json, string what)
    {
        var wrong = Assert.Throws<ConfigurationException>(() => _provider.For(new GoogleTokens(s_secret, null), "ann", (_, _) => json));

        Assert.StartsWith(what, Assert.Single(wrong.Errors).Message);
        Assert.DoesNotContain(json, wrong.ToString());
    }

    [Theory]
    [InlineData(7000215, "entra-secret-wrong")]
    [InlineData(7000222, "entra-secret-expired")]
    [InlineData(700027, "entra-certificate-unknown")]
    [InlineData(700016, "entra-application-unknown")]
    [InlineData(90002, "entra-tenant-unknown")]
    [InlineData(65001, "entra-consent-missing")]
    [InlineData(500011, "entra-exchange-missing")]
    [InlineData(7000112, "entra-application-disabled")]
    [InlineData(70021, "entra-federation-mismatch")]
    [InlineData(700211, "entra-federation-mismatch")]
    [InlineData(700213, "entra-federation-mismatch")]
    [InlineData(53003, "entra-blocked")]
    [InlineData(50196, "token-throttled")]
    [InlineData(90055, "token-throttled")]
    [InlineData(999999, "token-client-refused")]
    public async Task What_Microsoft_says_has_a_reason_of_its_own(int number, string code)
    {
        _authority.Fault = _ =>
            TokenAuthority.Error(
                401,
                "invalid_client",
                $"AADSTS{number}: What went wrong.\r\nTrace ID: 1\r\nCorrelation ID: 2\r\nTimestamp: 2026-11-27 10:00:00Z"
            );

        var failure = await Assert.ThrowsAsync<MailException>(() =>
            GetAsync(Entra(MicrosoftGrant.ClientSecret) with { ClientSecret = s_secret })
        );

        Assert.Equal(code, failure.Reason.Code);
        Assert.Contains($"AADSTS{number}: What went wrong", failure.Message);
        Assert.DoesNotContain(TokenAuthority.ClientSecret, failure.ToString());
    }

    [Fact]
    public async Task A_client_of_any_server_gets_tokens_by_its_secret()
    {
        var settings = new OAuthTokens(_authority.TokenEndpoint, TokenAuthority.ClientId, s_secret, "mail", null);

        var token = await GetAsync(settings);

        Assert.Contains(token, _authority.Tokens);
        var request = Assert.Single(_authority.Requests);
        Assert.Equal(("client_credentials", "mail"), (request["grant_type"], request["scope"]));
    }

    [Fact]
    public async Task A_refresh_token_that_is_replaced_each_time_is_followed()
    {
        _authority.Life = TimeSpan.FromSeconds(5);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var provider = new TokenProvider(TestLogins.In(_directory), time, _authority.Handler());
        var credential = provider.For(
            new OAuthTokens(_authority.TokenEndpoint, TokenAuthority.ClientId, null, null, s_secret),
            "ann",
            (_, _) => "refresh-token-0"
        );

        for (var times = 0; times < 3; times++)
        {
            await credential.GetAsync(Stop);
            time.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.Equal(
            ["refresh-token-0", "refresh-token-1", "refresh-token-2"],
            _authority.Requests.Select(request => request["refresh_token"])
        );
    }

    [Theory]
    [InlineData(400, "invalid_grant", "token-grant-refused", false)]
    [InlineData(401, "invalid_client", "token-client-refused", false)]
    [InlineData(400, "unauthorized_client", "token-client-refused", false)]
    [InlineData(400, "invalid_scope", "token-scope-refused", false)]
    [InlineData(400, "unsupported_grant_type", "token-request-refused", false)]
    [InlineData(400, "temporarily_unavailable", "token-server-unavailable", true)]
    [InlineData(429, "", "token-throttled", true)]
    [InlineData(502, "", "token-server-unavailable", true)]
    public async Task What_any_server_says_is_understood(int status, string error, string code, bool transient)
    {
        _authority.Fault = _ => TokenAuthority.Error(status, error, "What went wrong");
        var settings = new OAuthTokens(_authority.TokenEndpoint, TokenAuthority.ClientId, s_secret, null, null);

        var failure = await Assert.ThrowsAsync<MailException>(() => GetAsync(settings));

        Assert.Equal((code, transient), (failure.Reason.Code, failure.Reason.IsTransient));
        Assert.Contains("What went wrong", failure.Message);
    }

    [Theory]
    [InlineData("text/html", "<html>Please log in</html>")]
    [InlineData("application/json", "{}")]
    [InlineData("application/json", "[]")]
    [InlineData("application/json", """{"access_token":""}""")]
    public async Task An_answer_without_a_token_is_a_refusal(string type, string body)
    {
        _authority.Fault = _ => Results.Text(body, type);
        var settings = new OAuthTokens(_authority.TokenEndpoint, TokenAuthority.ClientId, s_secret, null, null);

        var failure = await Assert.ThrowsAsync<MailException>(() => GetAsync(settings));

        Assert.Equal(Reason.TokenRequestRefused, failure.Reason);
    }

    private MicrosoftTokens Entra(MicrosoftGrant grant) =>
        new(grant, TokenAuthority.Tenant, TokenAuthority.ClientId, MicrosoftCloud.Global) { Authority = _authority.Address };

    private async Task<string> GetAsync(TokenSettings settings, string secret = TokenAuthority.ClientSecret) =>
        await _provider.For(settings, "ann", (_, _) => secret).GetAsync(Stop);

    private static void Write(X509Certificate2 certificate, string file, string password)
    {
        if (file.EndsWith(".pfx", StringComparison.Ordinal))
        {
            File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, password.Length > 0 ? password : null));
            return;
        }
        using var key = certificate.GetRSAPrivateKey()!;
        var pem =
            password.Length > 0
                ? key.ExportEncryptedPkcs8PrivateKeyPem(
                    password,
                    new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)
                )
                : key.ExportPkcs8PrivateKeyPem();
        File.WriteAllText(file, $"{certificate.ExportCertificatePem()}\n{pem}\n");
    }
}
