using System.Security.Cryptography;
using System.Text.Json;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;

namespace Migrator.Identity.Google;

/// <summary>The key of a service account, as Google's console gives it.</summary>
internal sealed record ServiceAccountKey(string ClientEmail, string? KeyId, string PrivateKey, Uri TokenUri)
{
    private static readonly Uri s_tokenUri = new("https://oauth2.googleapis.com/token");

    /// <param name="json">Never repeated in errors.</param>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static ServiceAccountKey Parse(string json, SecretReference where)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text("type") != "service_account")
                throw Wrong("is not the JSON key of a service account (\"type\": \"service_account\")");
            var key = new ServiceAccountKey(
                Text("client_email") ?? throw Wrong("has no client_email"),
                Text("private_key_id"),
                Text("private_key") ?? throw Wrong("has no private_key"),
                Text("token_uri") is not { } uri ? s_tokenUri
                    : Uri.TryCreate(uri, UriKind.Absolute, out var url) && url.Scheme == "https" ? url
                    : throw Wrong("has a token_uri that is not an https:// URL")
            );
            using var rsa = RSA.Create();
            rsa.ImportFromPem(key.PrivateKey);
            return key;

            string? Text(string name) =>
                root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        // Half a surrogate pair is found once a text is read.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Wrong("is not valid JSON");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw Wrong("has a private_key that is not an RSA key in PEM");
        }

        ConfigurationException Wrong(string what) =>
            new(
                "key of the service account",
                [
                    new ConfigurationError(
                        where.ToString(),
                        $"{what}. Create one in the Google Cloud console: IAM & Admin, Service Accounts, Keys, Add key, JSON."
                    ),
                ],
                Reason.SecretMissing
            );
    }
}
