using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Azure.Core;
using Azure.Identity;
using Migrator.Core.Archives;
using Migrator.Core.Blobs;
using Migrator.Core.Mail;

namespace Migrator.Storage.Keys;

/// <summary>Has an archive's master key wrapped by an RSA key in Azure Key Vault, which never leaves it. Two calls of its REST interface, "wrapKey" and
/// "unwrapKey".</summary>
/// <param name="key">The key's identifier, with a version or without: <c>https://VAULT.vault.azure.net/keys/NAME</c>.</param>
/// <param name="credential">Null for what the surroundings offer: environment, managed identity, Azure CLI.</param>
/// <param name="handler">Sends the requests; null for the ordinary way.</param>
public sealed class KeyVaultKeyWrapper(Uri key, TokenCredential? credential = null, HttpMessageHandler? handler = null) : IKeyWrapper
{
    private const string Kind = "azureKeyVault";
    private const string Algorithm = "RSA-OAEP-256";
    private const string Version = "api-version=7.4";

    private readonly TokenCredential _credential = credential ?? new DefaultAzureCredential();
    private readonly HttpMessageHandler? _handler = handler;

    private sealed record Operation([property: JsonPropertyName("alg")] string Algorithm, [property: JsonPropertyName("value")] string Value);

    private sealed record Result([property: JsonPropertyName("kid")] string? Key, [property: JsonPropertyName("value")] string? Value);

    public bool Fits(KeyRecord record) => record is { Kind: Kind, Derivation: Algorithm };

    public async Task<KeyRecord> WrapAsync(byte[] master, CancellationToken cancellationToken)
    {
        var result = await CallAsync(key, "wrapkey", master, cancellationToken).ConfigureAwait(false)
            ?? throw new StorageException(Reason.ArchiveKey, $"Azure Key Vault did not wrap the key with {key}.");
        // With the version that was used: the key may be rotated.
        return new KeyRecord(Kind, Algorithm, null, null, null, result.Key ?? key.ToString(), Octets(result.Value!));
    }

    public async Task<byte[]?> UnwrapAsync(KeyRecord record, CancellationToken cancellationToken) =>
        // By the identifier on record, but only in the vault that was given: an archive must not send tokens to a host of its choice.
        Uri.TryCreate(record.Vault, UriKind.Absolute, out var recorded) && recorded.Host == key.Host && recorded.Scheme == key.Scheme && recorded.Port == key.Port
        && record.Wrapped is { } wrapped && await CallAsync(recorded, "unwrapkey", wrapped, cancellationToken).ConfigureAwait(false) is { Value: { } value } ? Octets(value) : null;

    /// <returns>Null where the vault says that it cannot: another key, or one that is gone.</returns>
    private async Task<Result?> CallAsync(Uri target, string operation, byte[] value, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(_handler ?? new SocketsHttpHandler(), disposeHandler: _handler is null);
        try
        {
            var token = await _credential.GetTokenAsync(new TokenRequestContext(["https://vault.azure.net/.default"]), cancellationToken).ConfigureAwait(false);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{target.ToString().TrimEnd('/')}/{operation}?{Version}"))
            {
                Content = JsonContent.Create(new Operation(Algorithm, Text(value))),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token.Token) },
            };
            using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if ((int)response.StatusCode is 400 or 404)
                return null;
            if (!response.IsSuccessStatusCode)
                throw new StorageException(Reason.StoreRefused, $"Azure Key Vault answered {(int)response.StatusCode} ({response.ReasonPhrase}) to {operation} with {target}.");
            return await response.Content.ReadFromJsonAsync<Result>(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or AuthenticationFailedException)
        {
            throw new StorageException(exception is HttpRequestException ? Reason.StoreUnreachable : Reason.StoreRefused, $"Azure Key Vault at {target.Host}: {exception.Message}", exception);
        }
    }

    private static string Text(byte[] octets) => Base64Url.EncodeToString(octets);

    private static byte[] Octets(string text) => Base64Url.DecodeFromChars(text);
}
