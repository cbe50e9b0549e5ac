using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;
using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;
using Migrator.Storage.Keys;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>An archive whose key a vault wraps. The vault itself is played by a real RSA key behind the two calls of its interface.</summary>
public sealed class KeyVaultKeyWrapperTests
{
    private static readonly Uri s_key = new("https://vault.example/keys/mail");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archive_opens_with_the_vault_and_with_nothing_else()
    {
        var (store, side, vault) = (new MemoryBlobStore(), new MemoryBlobStore(), new Vault());
        await Archive.CreateAsync(store, side, new KeyVaultKeyWrapper(s_key, new Token(), vault), 0, TimeProvider.System, Stop);

        var archive = await Archive.OpenAsync(store, side, new KeyVaultKeyWrapper(s_key, new Token(), vault), TimeProvider.System, Stop);

        Assert.True(archive.Format.Encrypted);
        Assert.Equal(["/keys/mail/wrapkey", "/keys/mail/1/unwrapkey"], vault.Paths);
        Assert.All(vault.Tokens, token => Assert.Equal("Bearer secret", token));
        await FailsAsync(Reason.ArchiveKey, new KeyVaultKeyWrapper(s_key, new Token(), new Vault()));
        await FailsAsync(Reason.ArchiveKey, SecretKeyWrapper.OfPassphrase("guess"));
        await FailsAsync(Reason.ArchiveKey, null);
        await FailsAsync(Reason.StoreRefused, new KeyVaultKeyWrapper(s_key, new Token(), new Vault { Answer = HttpStatusCode.Forbidden }));

        async Task FailsAsync(Reason reason, IKeyWrapper? key)
        {
            var exception = await Assert.ThrowsAsync<StorageException>(() => Archive.OpenAsync(store, side, key, TimeProvider.System, Stop));
            Assert.Equal(reason, exception.Reason);
            Assert.DoesNotContain("secret", exception.Message);
        }
    }

    [Fact]
    public async Task A_token_goes_to_no_other_vault_than_the_one_that_was_given()
    {
        var (store, side, vault) = (new MemoryBlobStore(), new MemoryBlobStore(), new Vault());
        await Archive.CreateAsync(store, side, new KeyVaultKeyWrapper(s_key, new Token(), vault), 0, TimeProvider.System, Stop);
        var other = new Vault();

        var exception = await Assert.ThrowsAsync<StorageException>(() => Archive.OpenAsync(store, side, new KeyVaultKeyWrapper(new Uri("https://other.example/keys/mail"), new Token(), other), TimeProvider.System, Stop));

        Assert.Equal(Reason.ArchiveKey, exception.Reason);
        Assert.Empty(other.Paths);
    }

    private sealed class Token : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("secret", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }

    private sealed class Vault : HttpMessageHandler
    {
        private readonly RSA _key = RSA.Create(2048);

        public List<string> Paths { get; } = [];

        public List<string> Tokens { get; } = [];

        public HttpStatusCode Answer { get; init; } = HttpStatusCode.OK;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Paths.Add(request.RequestUri!.AbsolutePath);
            Tokens.Add(request.Headers.Authorization!.ToString());
            if (Answer != HttpStatusCode.OK)
                return new HttpResponseMessage(Answer);
            var asked = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancellationToken)).RootElement;
            Assert.Equal("RSA-OAEP-256", asked.GetProperty("alg").GetString());
            var value = System.Buffers.Text.Base64Url.DecodeFromChars(asked.GetProperty("value").GetString());
            try
            {
                var result = request.RequestUri.AbsolutePath.EndsWith("/wrapkey", StringComparison.Ordinal) ? _key.Encrypt(value, RSAEncryptionPadding.OaepSHA256) : _key.Decrypt(value, RSAEncryptionPadding.OaepSHA256);
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(new { kid = "https://vault.example/keys/mail/1", value = System.Buffers.Text.Base64Url.EncodeToString(result) }) };
            }
            catch (CryptographicException)
            {
                return new HttpResponseMessage(HttpStatusCode.BadRequest);
            }
        }
    }
}
