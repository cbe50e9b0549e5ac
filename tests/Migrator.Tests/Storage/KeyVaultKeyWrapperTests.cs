using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Storage.Keys;
using Migrator.Tests.Memory;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>An archive whose key a vault wraps. The vault itself is played by a real RSA key behind the two calls of its
/// interface.</summary>
public sealed class KeyVaultKeyWrapperTests
{
    private static readonly Uri s_key = new("https://played.vault.azure.net/keys/mail");

    private readonly MemoryBlobStore _store = new(),
        _controlStore = new();
    private readonly Credential _credential = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archive_opens_with_the_vault_and_with_nothing_else()
    {
        var vault = new Vault();
        await CreateAsync(vault);

        var archive = await OpenAsync(vault);

        Assert.True(archive.Format.Encrypted);
        // What was wrapped is asked back at once.
        Assert.Equal(["/keys/mail/wrapkey", "/keys/mail/1/unwrapkey", "/keys/mail/1/unwrapkey"], vault.Paths);
        Assert.All(vault.Tokens, token => Assert.Equal("Bearer secret", token));
        await FailsAsync(Reason.ArchiveKey, Wrapper(new Vault()));
        await FailsAsync(Reason.ArchiveKey, SecretKeyWrapper.OfPassphrase("guess"));
        await FailsAsync(Reason.ArchiveKey, null);

        async Task FailsAsync(Reason reason, IKeyWrapper? key)
        {
            var exception = await Assert.ThrowsAsync<StorageException>(() =>
                Archive.OpenAsync(_store, _controlStore, key, TimeProvider.System, Stop)
            );
            Assert.Equal(reason, exception.Reason);
            Assert.DoesNotContain("secret", exception.Message);
        }
    }

    [Fact]
    public async Task A_token_goes_to_no_other_vault_than_the_one_that_was_given()
    {
        await CreateAsync(new Vault());
        var other = new Vault();

        var exception = await Assert.ThrowsAsync<StorageException>(() =>
            Archive.OpenAsync(
                _store,
                _controlStore,
                Wrapper(other, new Uri("https://other.vault.azure.net/keys/mail")),
                TimeProvider.System,
                Stop
            )
        );

        Assert.Equal(Reason.ArchiveKey, exception.Reason);
        Assert.Empty(other.Paths);
        Assert.Empty(other.Tokens);
    }

    [Fact]
    public async Task A_vault_that_names_a_key_elsewhere_makes_no_archive()
    {
        var exception = await Assert.ThrowsAsync<StorageException>(() =>
            CreateAsync(new Vault { Named = "https://evil.example/keys/mail/1" })
        );

        Assert.Equal(Reason.VaultKeyRefused, exception.Reason);
        Assert.Empty(_store.Blobs);
    }

    [Theory]
    [InlineData("https://a.vault.azure.net/keys/k", "https://vault.azure.net/.default", "https://login.microsoftonline.com/")]
    [InlineData("https://a.vault.azure.cn/keys/k/1", "https://vault.azure.cn/.default", "https://login.chinacloudapi.cn/")]
    [InlineData(
        "https://a.vault.usgovcloudapi.net/keys/k",
        "https://vault.usgovcloudapi.net/.default",
        "https://login.microsoftonline.us/"
    )]
    [InlineData("https://a.managedhsm.azure.net/keys/k", "https://managedhsm.azure.net/.default", "https://login.microsoftonline.com/")]
    public async Task Tokens_are_for_the_cloud_of_the_vault(string key, string scope, string authority)
    {
        var vault = new Vault { Named = $"{key}/1" };
        await Archive.CreateAsync(_store, _controlStore, Wrapper(vault, new Uri(key)), 0, TimeProvider.System, Stop);

        Assert.Equal([scope], _credential.Scopes.Distinct());
        Assert.Equal(authority, KeyVaultKeyWrapper.Authority(new Uri(key)).ToString());
    }

    [Theory]
    [InlineData(403, "Forbidden", "ForbiddenByRbac", "vault-key-refused", "lacks the permission Unwrap Key")]
    [InlineData(403, "Forbidden", null, "vault-key-refused", "lacks the permission Unwrap Key")]
    [InlineData(403, "Forbidden", "ForbiddenByFirewall", "vault-key-refused", "firewall")]
    [InlineData(403, "Forbidden", "KeyDisabled", "vault-key-unusable", "disabled")]
    [InlineData(401, "Unauthorized", null, "vault-key-refused", "AZURE_TENANT_ID")]
    [InlineData(404, "KeyNotFound", null, "vault-key-unusable", "it was deleted")]
    [InlineData(429, "Throttled", null, "vault-unreachable", "more often than it allows")]
    [InlineData(503, null, null, "vault-unreachable", "cannot answer now")]
    [InlineData(418, null, null, "vault-key-refused", "the vault refused")]
    [InlineData(200, "nonsense", null, "vault-key-refused", "not one of a vault")]
    [InlineData(0, null, null, "vault-unreachable", "cannot be reached: no route")]
    public async Task What_the_vault_says_is_said_in_words(int status, string? code, string? inner, string reason, string words)
    {
        var vault = new Vault();
        await CreateAsync(vault);
        vault.Fails = (status, code, inner);

        var exception = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(vault));

        Assert.Equal(reason, exception.Reason.Code);
        Assert.Contains(words, exception.Message);
        Assert.Contains("played.vault.azure.net", exception.Message);
        Assert.DoesNotContain("secret", exception.ToString());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task What_passes_is_tried_again(int status)
    {
        var vault = new Vault();
        await CreateAsync(vault);
        (vault.Fails, vault.FailsFor) = ((status, null, null), 2);

        Assert.True((await OpenAsync(vault)).Format.Encrypted);

        Assert.Equal(0, vault.FailsFor);
    }

    [Fact]
    public async Task An_identity_that_may_wrap_and_not_unwrap_makes_no_archive()
    {
        var vault = new Vault { Fails = (403, "Forbidden", "ForbiddenByRbac"), FailsOnly = "/unwrapkey" };

        var exception = await Assert.ThrowsAsync<StorageException>(() => CreateAsync(vault));

        Assert.Equal(Reason.VaultKeyRefused, exception.Reason);
        Assert.Contains("Unwrap Key", exception.Message);
        Assert.Empty(_store.Blobs);
    }

    [Fact]
    public async Task A_key_that_is_gone_stands_in_the_way_of_no_other()
    {
        var vault = new Vault();
        var archive = await CreateAsync(vault);
        vault.Named = "https://played.vault.azure.net/keys/mail/2";
        await new ArchiveKeyRecords(archive).AddAsync(Wrapper(vault), Stop);
        (vault.Fails, vault.FailsOnly) = ((404, "KeyNotFound", null), "/mail/1/unwrapkey");

        Assert.True((await OpenAsync(vault)).Format.Encrypted);

        vault.FailsOnly = "/unwrapkey";
        Assert.Equal(Reason.VaultKeyUnusable, (await Assert.ThrowsAsync<StorageException>(() => OpenAsync(vault))).Reason);
    }

    private KeyVaultKeyWrapper Wrapper(Vault vault, Uri? key = null)
    {
        var options = new KeyVaultOptions { Transport = new HttpClientTransport(vault) };
        options.Retry.Delay = options.Retry.MaxDelay = TimeSpan.FromMilliseconds(1);
        return new KeyVaultKeyWrapper(key ?? s_key, _credential, options);
    }

    private Task<Archive> CreateAsync(Vault vault) =>
        Archive.CreateAsync(_store, _controlStore, Wrapper(vault), 0, TimeProvider.System, Stop);

    private Task<Archive> OpenAsync(Vault vault) => Archive.OpenAsync(_store, _controlStore, Wrapper(vault), TimeProvider.System, Stop);

    private sealed class Credential : TokenCredential
    {
        public List<string> Scopes { get; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes.AddRange(requestContext.Scopes);
            return new("secret", DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }

    private sealed class Vault : HttpMessageHandler
    {
        private readonly RSA _key = RSA.Create(2048);

        public List<string> Paths { get; } = [];

        public List<string> Tokens { get; } = [];

        public string Named { get; set; } = "https://played.vault.azure.net/keys/mail/1";

        /// <summary>Answered instead; status 0 for no connection.</summary>
        public (int Status, string? Code, string? Inner)? Fails { get; set; }

        /// <summary>How often.</summary>
        public int FailsFor { get; set; } = int.MaxValue;

        /// <summary>To requests whose path ends so.</summary>
        public string FailsOnly { get; set; } = "";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            Paths.Add(path);
            Tokens.Add(request.Headers.Authorization!.ToString());
            Assert.Equal(
                (HttpMethod.Post, "?api-version=7.4", "application/json"),
                (request.Method, request.RequestUri.Query, request.Content!.Headers.ContentType!.MediaType)
            );
            if (Fails is var (status, code, inner) && FailsFor > 0 && path.EndsWith(FailsOnly, StringComparison.Ordinal))
            {
                FailsFor--;
                // The text repeats what it must not.
                return status == 0
                    ? throw new HttpRequestException("no route")
                    : new HttpResponseMessage((HttpStatusCode)status)
                    {
                        Content = JsonContent.Create(
                            new
                            {
                                error = new
                                {
                                    code,
                                    message = "secret",
                                    innererror = inner is null ? null : new { code = inner },
                                },
                            }
                        ),
                    };
            }
            var asked = JsonDocument.Parse(await request.Content.ReadAsStringAsync(cancellationToken)).RootElement;
            Assert.Equal(["alg", "value"], asked.EnumerateObject().Select(field => field.Name));
            Assert.Equal("RSA-OAEP-256", asked.GetProperty("alg").GetString());
            var value = Base64Url.DecodeFromChars(asked.GetProperty("value").GetString());
            try
            {
                var result = path.EndsWith("/wrapkey", StringComparison.Ordinal)
                    ? _key.Encrypt(value, RSAEncryptionPadding.OaepSHA256)
                    : _key.Decrypt(value, RSAEncryptionPadding.OaepSHA256);
                return new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = JsonContent.Create(new { kid = Named, value = Base64Url.EncodeToString(result) }),
                };
            }
            catch (CryptographicException)
            {
                return new HttpResponseMessage(HttpStatusCode.BadRequest);
            }
        }
    }
}
