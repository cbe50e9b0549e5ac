using System.Net;
using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Redaction;
using Migrator.Core.Secrets;

namespace Migrator.Service.Notifications;

/// <summary>Posts JSON to webhooks.</summary>
public sealed class WebhookSender(IHttpClientFactory clients, SecretResolver secrets, TimeProvider time)
{
    /// <summary>Of the client that the factory makes.</summary>
    public const string Client = "webhooks";

    // Of an address, the part that is likely to be a secret and not a word that logs need.
    private const int ShortestSecret = 16;

    private static readonly TimeSpan[] s_waits = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    /// <param name="address">As a secret: only the host in it is ever shown.</param>
    /// <param name="secret">Signs the body; null for no signature.</param>
    /// <returns>Whom it was sent to, for people; and why it was not taken, null where it was.</returns>
    public async Task<(string Who, string? Wrong)> SendAsync(
        SecretReference address,
        string? secret,
        Notification notification,
        CancellationToken cancellationToken
    )
    {
        string text;
        try
        {
            text = secrets.Resolve(address, "address of a webhook").Trim();
        }
        catch (ConfigurationException exception)
        {
            return ($"webhook {address}", exception.Errors[0].Message);
        }
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            return ($"webhook {address}", "the configured value is not a valid http(s) URL.");
        if (url.PathAndQuery.Length >= ShortestSecret)
            SecretRedactor.Add(url.PathAndQuery);
        return ($"webhook at {url.Host}", await SendAsync(url, secret, notification, cancellationToken));
    }

    private async Task<string?> SendAsync(Uri url, string? secret, Notification notification, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (wrong, again) = await TryAsync(url, secret, notification, cancellationToken);
            if (wrong is null || !again || attempt == s_waits.Length)
                return wrong;
            await Task.Delay(s_waits[attempt], time, cancellationToken);
        }
    }

    private async Task<(string? Wrong, bool Again)> TryAsync(
        Uri url,
        string? secret,
        Notification notification,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(notification.Json) };
        request.Content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
        request.Headers.UserAgent.ParseAdd("Migrator");
        request.Headers.Add("Migrator-Delivery", notification.Id);
        if (secret is not null)
            request.Headers.Add(
                "Migrator-Signature",
                $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), notification.Json))}"
            );
        try
        {
            using var client = clients.CreateClient(Client);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode switch
            {
                >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous => (null, false),
                >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => (
                    $"it redirects (HTTP {(int)response.StatusCode}); configure the final URL.",
                    false
                ),
                HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => (
                    $"it answers {(int)response.StatusCode}.",
                    true
                ),
                var code => ($"it answers {(int)code}; is the address right?", false),
            };
        }
        catch (HttpRequestException exception)
        {
            return ($"it cannot be reached ({SecretRedactor.Redact(exception.GetBaseException().Message.TrimEnd('.'))}).", true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ("it did not answer in time.", true);
        }
    }
}
