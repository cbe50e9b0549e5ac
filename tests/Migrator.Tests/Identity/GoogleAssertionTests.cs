using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;
using Migrator.Identity.Provider;
using Xunit;

namespace Migrator.Tests.Identity;

/// <summary>What is sent to Google for a mailbox, compared with what Google's own library sends: it cannot be part of a program that is
/// compiled ahead of time.</summary>
public sealed class GoogleAssertionTests : IAsyncLifetime
{
    private const string Mailbox = "ann@example.org";

    private TokenAuthority _authority = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _authority = await TokenAuthority.StartAsync();

    public ValueTask DisposeAsync() => _authority.DisposeAsync();

    [Fact]
    public async Task It_is_what_Googles_library_sends()
    {
        using var provider = new TokenProvider(TestLogins.None, TimeProvider.System, _authority.Handler());
        await provider
            .For(new GoogleTokens(new SecretReference(SecretSource.Env, "KEY"), null), Mailbox, (_, _) => _authority.GoogleKeyJson)
            .GetAsync(Stop);
        var google = new ServiceAccountCredential(
            new ServiceAccountCredential.Initializer(TokenAuthority.GoogleAccount, new Uri(_authority.Address, "google/token").AbsoluteUri)
            {
                User = Mailbox,
                Scopes = ["https://mail.google.com/"],
                KeyId = "key-1",
                HttpClientFactory = new Factory(_authority),
            }.FromPrivateKey(_authority.GoogleKey.ExportPkcs8PrivateKeyPem())
        );
        await google.GetAccessTokenForRequestAsync(null, Stop);

        var (ours, theirs) = (_authority.Requests[0], _authority.Requests[1]);
        Assert.Equal(theirs.Endpoint, ours.Endpoint);
        Assert.Equal(theirs["grant_type"], ours["grant_type"]);
        Assert.Equal(theirs.Fields.Keys.Order(), ours.Fields.Keys.Order());
        Assert.Equal(Part(theirs, 0), Part(ours, 0));
        var (claims, model) = (Part(ours, 1), Part(theirs, 1));
        // Of its own user, who is none here.
        Assert.True(model.Remove("email_verified"));
        Assert.Equal(model.Keys, claims.Keys);
        Assert.All(model.Keys.Except(["iat", "exp"]), name => Assert.Equal(model[name], claims[name]));
        Assert.Equal(Life(model), Life(claims));
        Assert.InRange(long.Parse(claims["iat"]), long.Parse(model["iat"]) - 60, long.Parse(model["iat"]) + 60);
        Assert.All([ours, theirs], IsSigned);
    }

    private static SortedDictionary<string, string> Part(TokenRequestForm request, int number) =>
        new(
            JsonDocument
                .Parse(Base64Url.DecodeFromChars(request["assertion"].Split('.')[number]))
                .RootElement.EnumerateObject()
                .ToDictionary(claim => claim.Name, claim => claim.Value.ToString())
        );

    private static long Life(SortedDictionary<string, string> claims) => long.Parse(claims["exp"]) - long.Parse(claims["iat"]);

    private void IsSigned(TokenRequestForm request)
    {
        var parts = request["assertion"].Split('.');
        Assert.True(
            _authority.GoogleKey.VerifyData(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                Base64Url.DecodeFromChars(parts[2]),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1
            )
        );
    }

    private sealed class Factory(TokenAuthority authority) : HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => authority.Handler();
    }
}
