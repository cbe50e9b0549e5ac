using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;
using Migrator.Mail.Smtp;

namespace Migrator.Service.Notifications;

/// <summary>Brings letters to people and programs.</summary>
public sealed class NotificationSender(NotificationSettings settings, WebhookSender webhooks, SecretResolver secrets, ITokenProvider tokens)
{
    /// <summary>What each answered. Nobody's failure keeps a letter from another.</summary>
    public async Task<IReadOnlyList<DeliveryResult>> SendAsync(
        Notification notification,
        Recipients to,
        CancellationToken cancellationToken
    )
    {
        var mails = MailAsync(notification, to.Mail, cancellationToken);
        var posts = PostAsync(notification, to.Webhooks, cancellationToken);
        await Task.WhenAll(mails, posts);
        return [.. await mails, .. await posts];
    }

    private async Task<IReadOnlyList<DeliveryResult>> MailAsync(
        Notification notification,
        IReadOnlyList<string> to,
        CancellationToken cancellationToken
    )
    {
        if (to.Count == 0)
            return [];
        if (settings.Mail is not { } mail)
            return
            [
                .. to.Select(address => new DeliveryResult(
                    address,
                    address,
                    "\"Notify:Mail\" in the settings does not say how mail is sent."
                )),
            ];
        var outgoing = new OutgoingMail(
            mail.From,
            notification.Subject,
            notification.Id,
            notification.Date,
            TextNotificationRenderer.Of(notification.Page),
            HtmlNotificationRenderer.Of(notification.Page),
            $"{notification.Id}.json",
            notification.Json
        );
        try
        {
            var failures = await new SmtpSender(mail.Server, CredentialOf).SendAsync(outgoing, to, cancellationToken);
            return [.. to.Select(address => new DeliveryResult(address, address, failures.GetValueOrDefault(address)?.Message))];
        }
        catch (ConfigurationException exception)
        {
            return [.. to.Select(address => new DeliveryResult(address, address, exception.Errors[0].Message))];
        }

        Credential CredentialOf() =>
            mail.Server.Tokens is { } settings
                ? tokens.For(settings, mail.Server.User, secrets.Resolve)
                : secrets.Resolve(mail.Server.Password!, "password of the mail server");
    }

    private async Task<IReadOnlyList<DeliveryResult>> PostAsync(
        Notification notification,
        IReadOnlyList<SecretReference> to,
        CancellationToken cancellationToken
    )
    {
        if (to.Count == 0)
            return [];
        string? secret;
        try
        {
            secret = settings.WebhookSecret is { } reference ? secrets.Resolve(reference, "secret of webhooks") : null;
        }
        catch (ConfigurationException exception)
        {
            return
            [
                .. to.Select(webhook => new DeliveryResult(
                    webhook.ToString(),
                    $"webhook {webhook}",
                    $"Notify:WebhookSecret: {exception.Errors[0].Message}"
                )),
            ];
        }
        return await Task.WhenAll(
            to.Select(async webhook =>
            {
                var (who, wrong) = await webhooks.SendAsync(webhook, secret, notification, cancellationToken);
                return new DeliveryResult(webhook.ToString(), who, wrong);
            })
        );
    }
}
