using System.Text.Json;
using Azure;
using Migrator.Core.Failures;

namespace Migrator.Storage.Keys;

/// <summary>Says what a vault's errors mean to an archive. Passes on codes and not the vault's text, which may repeat what it was
/// sent.</summary>
internal static class KeyVaultFailure
{
    public static StorageException Answered(Uri key, KeyVaultOperation operation, Response response)
    {
        var (code, inner) = Codes(response);
        var permission = operation == KeyVaultOperation.WrapKey ? "Wrap Key (keys/wrap/action)" : "Unwrap Key (keys/unwrap/action)";
        var (reason, words) = (response.Status, inner ?? code) switch
        {
            (404, _) => (
                Reason.VaultKeyUnusable,
                "there is no such key or version: it was deleted (and may be recovered, where the vault has soft-delete), or "
                    + "the name is wrong"
            ),
            (403, "KeyDisabled") => (Reason.VaultKeyUnusable, "the key or its version is disabled"),
            (403, "KeyExpired" or "KeyNotYetValid") => (
                Reason.VaultKeyUnusable,
                "the key may not be used now (its expiry or activation date)"
            ),
            (403, "KeyOperationForbidden") => (
                Reason.VaultKeyUnusable,
                "the key itself does not permit this operation (its key_ops lack "
                    + $"{(operation == KeyVaultOperation.WrapKey ? "wrapKey" : "unwrapKey")})"
            ),
            (403, "ForbiddenByFirewall") => (Reason.VaultKeyRefused, "the vault's firewall does not let this machine through"),
            (403, _) => (Reason.VaultKeyRefused, $"this identity lacks the permission {permission}"),
            (401, _) => (
                Reason.VaultKeyRefused,
                "the token of this identity is not accepted: is it of the tenant that the vault belongs to (AZURE_TENANT_ID)?"
            ),
            (429, _) => (Reason.VaultUnreachable, "the vault is asked more often than it allows, and still was after several tries"),
            (408 or >= 500, _) => (Reason.VaultUnreachable, "the vault cannot answer now"),
            _ => (Reason.VaultKeyRefused, "the vault refused"),
        };
        var codes = string.Concat(new[] { code, inner }.OfType<string>().Select(text => $" {text}"));
        var request = response.Headers.RequestId is { } id ? $", request {id}" : "";
        return new StorageException(reason, $"Azure Key Vault, {key}: {words} ({response.Status}{codes}{request}).");
    }

    public static StorageException Nonsense(Uri key) =>
        new(Reason.VaultKeyRefused, $"Azure Key Vault, {key}: the response is not one of a vault. Is the address right?");

    public static StorageException NoToken(Uri key, Exception exception) =>
        new(
            Reason.VaultKeyRefused,
            $"Azure Key Vault, {key}: no token could be obtained, because there is no identity to log in with: {FirstLine(exception)}",
            exception
        );

    public static StorageException Unreachable(Uri key, Exception exception)
    {
        // Every try failed: the last one says why.
        var cause = (exception is AggregateException several ? several.InnerExceptions[^1] : exception).GetBaseException();
        return new(
            Reason.VaultUnreachable,
            $"Azure Key Vault at {key.Authority} "
                + $"{(cause is OperationCanceledException ? "does not answer in time." : $"cannot be reached: {FirstLine(cause)}")}",
            exception
        );
    }

    /// <returns>The vault's code, and the one within that says more.</returns>
    private static (string? Code, string? Inner) Codes(Response response)
    {
        try
        {
            using var body = JsonDocument.Parse(response.Content);
            var error = body.RootElement.GetProperty("error");
            return (Code(error), error.TryGetProperty("innererror", out var inner) ? Code(inner) : null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return (null, null);
        }
    }

    // Only what looks like a code.
    private static string? Code(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object
        && error.TryGetProperty("code", out var code)
        && code.GetString() is { Length: > 0 and <= 64 } text
        && text.All(char.IsAsciiLetterOrDigit)
            ? text
            : null;

    private static string FirstLine(Exception exception) => exception.Message.Split('\r', '\n')[0];
}
