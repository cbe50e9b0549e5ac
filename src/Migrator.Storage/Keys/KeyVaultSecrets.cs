using System.Collections.Concurrent;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Migrator.Core.Failures;

namespace Migrator.Storage.Keys;

/// <summary>Reads the secrets of an Azure Key Vault.</summary>
/// <param name="vault">Its address: <c>https://VAULT.vault.azure.net</c>.</param>
/// <param name="credential">Null for what the machine offers: environment variables, managed identity, Azure CLI.</param>
/// <param name="transport">Sends the requests; null for the ordinary way.</param>
public sealed class KeyVaultSecrets(Uri vault, TokenCredential? credential = null, HttpPipelineTransport? transport = null)
{
    private const int AtOnce = 16;

    private readonly SecretClient _client = new(vault, credential ?? AzureIdentity.Of(vault), Options(transport));

    public Uri Vault => vault;

    /// <summary>All that are enabled. Those that belong to certificates are left out: they are private keys, which nobody asked
    /// for.</summary>
    /// <exception cref="StorageException">The vault cannot be reached (<see cref="Reason.VaultUnreachable"/>), or does not let us read
    /// (<see cref="Reason.VaultRefused"/>). The message holds no secret.</exception>
    public async Task<VaultContent> ReadAsync(CancellationToken cancellationToken)
    {
        var (values, disabled) = (
            new ConcurrentDictionary<string, string>(StringComparer.OrdinalIgnoreCase),
            new HashSet<string>(StringComparer.OrdinalIgnoreCase)
        );
        await GuardAsync(
            "does not list its secrets",
            async () =>
            {
                var wanted = new List<string>();
                await foreach (var secret in _client.GetPropertiesOfSecretsAsync(cancellationToken))
                {
                    if (secret.Enabled == false)
                        disabled.Add(secret.Name);
                    else if (!secret.Managed)
                        wanted.Add(secret.Name);
                }
                await Parallel.ForEachAsync(
                    wanted,
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                    async (name, stop) =>
                        await GuardAsync(
                            $"does not return the secret \"{name}\"",
                            async () =>
                            {
                                try
                                {
                                    values[name] = (await _client.GetSecretAsync(name, cancellationToken: stop)).Value.Value;
                                }
                                catch (RequestFailedException exception) when (exception.Status == 404)
                                {
                                    // Removed since it was listed.
                                }
                            },
                            stop
                        )
                );
            },
            cancellationToken
        );
        return new VaultContent(values, disabled);
    }

    private async Task GuardAsync(string what, Func<Task> call, CancellationToken cancellationToken)
    {
        try
        {
            await call();
        }
        catch (RequestFailedException exception) when (exception.Status != 0)
        {
            // The rest of the message are headers, and the body as it came.
            throw Failure(
                exception.Status >= 500 || exception.Status is 408 or 429 ? Reason.VaultUnreachable : Reason.VaultRefused,
                exception.Status == 404
                    ? "answers unlike a vault (404). Is the address right?"
                    : $"{what}: it answers {exception.Status}{(exception.ErrorCode is { } code ? $" ({code})" : "")}: "
                        + $"{FirstLine(exception)}",
                exception
            );
        }
        catch (AuthenticationFailedException exception)
        {
            throw Failure(Reason.VaultRefused, $"{what}, because there is no identity to log in with: {FirstLine(exception)}", exception);
        }
        catch (JsonException exception)
        {
            throw Failure(Reason.VaultRefused, "answers unlike a vault. Is the address right?", exception);
        }
        // What the client says where an address asks for a token that is meant for another.
        catch (InvalidOperationException exception)
        {
            throw Failure(Reason.VaultRefused, $"is given no token: {FirstLine(exception)}", exception);
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
            var cause = (exception is AggregateException several ? several.InnerExceptions[^1] : exception).GetBaseException();
            throw Failure(
                Reason.VaultUnreachable,
                cause is OperationCanceledException ? "does not answer in time." : $"cannot be reached: {FirstLine(cause)}",
                exception
            );
        }
    }

    private StorageException Failure(Reason reason, string what, Exception exception) =>
        new(reason, $"Azure Key Vault at {vault.Authority} {what}", exception);

    private static string FirstLine(Exception exception) => exception.Message.Split('\r', '\n')[0];

    private static SecretClientOptions Options(HttpPipelineTransport? transport)
    {
        // The client's own 100 seconds are long for somebody who waits at a terminal.
        var options = new SecretClientOptions { Retry = { NetworkTimeout = TimeSpan.FromSeconds(15) } };
        if (transport is not null)
            options.Transport = transport;
        return options;
    }
}
