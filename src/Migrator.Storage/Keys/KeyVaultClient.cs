using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Migrator.Storage.Keys;

/// <summary>The two calls of a vault's REST interface that wrapping takes, through the pipeline of Azure's libraries: retries, tokens, time
/// limits. Their own client for keys would ask for the right to read the key besides.</summary>
internal sealed class KeyVaultClient
{
    public const string Algorithm = "RSA-OAEP-256";

    private const string Version = "7.4";

    private static readonly ConcurrentDictionary<string, KeyVaultClient> s_ordinary = new(StringComparer.OrdinalIgnoreCase);

    private readonly HttpPipeline _pipeline;

    private KeyVaultClient(Uri vault, TokenCredential credential, KeyVaultOptions options) =>
        _pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, Scope(vault)));

    internal sealed record Operation(
        [property: JsonPropertyName("alg")] string Algorithm,
        [property: JsonPropertyName("value")] string Value
    );

    /// <summary>One for all of this process that speak to this vault in the ordinary way.</summary>
    public static KeyVaultClient Of(Uri vault, TokenCredential? credential, KeyVaultOptions? options) =>
        credential is null && options is null
            ? s_ordinary.GetOrAdd(vault.Authority, _ => new KeyVaultClient(vault, AzureIdentity.Of(vault), new KeyVaultOptions()))
            : new KeyVaultClient(vault, credential ?? AzureIdentity.Of(vault), options ?? new KeyVaultOptions());

    /// <summary>For whom tokens are: <c>https://vault.azure.net</c>, and in sovereign clouds, or for a managed HSM, what is behind the
    /// vault's name there. A token that one cloud's vaults take is shown to no other host.</summary>
    public static string Scope(Uri vault) => $"https://{vault.Host[(vault.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}/.default";

    /// <returns>Null where the vault says that it cannot: by another key, most often.</returns>
    /// <exception cref="StorageException">It failed or refused.</exception>
    public async Task<KeyVaultResult?> CallAsync(Uri key, KeyVaultOperation operation, string value, CancellationToken cancellationToken)
    {
        try
        {
            using var message = _pipeline.CreateMessage();
            message.BufferResponse = true;
            message.Request.Method = RequestMethod.Post;
            message.Request.Uri.Reset(
                new Uri($"{key.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{operation.ToString().ToLowerInvariant()}?api-version={Version}")
            );
            message.Request.Headers.SetValue("Content-Type", "application/json");
            message.Request.Headers.SetValue("Accept", "application/json");
            var body = BinaryData.FromObjectAsJson(new Operation(Algorithm, value), KeyVaultJson.Default.Operation);
            message.Request.Content = RequestContent.Create(body);
            await _pipeline.SendAsync(message, cancellationToken);
            if (message.Response.Status == 400)
                return null;
            if (message.Response.Status != 200)
                throw KeyVaultFailure.Answered(key, operation, message.Response);
            var result = message.Response.Content.ToObjectFromJson(KeyVaultJson.Default.KeyVaultResult);
            return result is { Value: not null } ? result : throw KeyVaultFailure.Nonsense(key);
        }
        catch (JsonException)
        {
            throw KeyVaultFailure.Nonsense(key);
        }
        catch (AuthenticationFailedException exception)
        {
            throw KeyVaultFailure.NoToken(key, exception);
        }
        catch (Exception exception)
            when (exception
                    is RequestFailedException
                        or AggregateException
                        or HttpRequestException
                        or IOException
                        or OperationCanceledException
                && !cancellationToken.IsCancellationRequested
            )
        {
            throw KeyVaultFailure.Unreachable(key, exception);
        }
    }
}
