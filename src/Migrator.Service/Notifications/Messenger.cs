using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;
using Migrator.Mail.Smtp;

namespace Migrator.Service.Notifications;

/// <summary>Brings letters to people and programs.</summary>
public sealed class Messenger(NotifySettings settings, WebhookSender webhooks, SecretResolver secrets)
{
    /// <summary>What each answered. Nobody's failure keeps a letter from another.</summary>
    public async Task<IReadOnlyList<Answer>> SendAsync(Letter letter, Recipients to, CancellationToken cancellationToken)
    {
        var mails = MailAsync(letter, to.Mail, cancellationToken);
        var posts = PostAsync(letter, to.Webhooks, cancellationToken);
        await Task.WhenAll(mails, posts).ConfigureAwait(false);
        return [.. await mails.ConfigureAwait(false), .. await posts.ConfigureAwait(false)];
    }

    private async Task<IReadOnlyList<Answer>> MailAsync(Letter letter, IReadOnlyList<string> to, CancellationToken cancellationToken)
    {
        if (to.Count == 0)
            return [];
        if (settings.Mail is not { } mail)
            return [.. to.Select(address => new Answer(address, address, "\"Notify:Mail\" in the settings does not say how mail is sent."))];
        var outgoing = new OutgoingMail(mail.From, letter.Subject, letter.Id, letter.Date, LetterText.Of(letter.Page), LetterHtml.Of(letter.Page), $"{letter.Id}.json", letter.Json);
        try
        {
            var failures = await new SmtpSender(mail.Server, Password).SendAsync(outgoing, to, cancellationToken).ConfigureAwait(false);
            return [.. to.Select(address => new Answer(address, address, failures.GetValueOrDefault(address)?.Message))];
        }
        catch (JobFileException exception)
        {
            return [.. to.Select(address => new Answer(address, address, exception.Errors[0].Message))];
        }

        string Password() => secrets.Resolve(mail.Server.Password, "password of the mail server");
    }

    private async Task<IReadOnlyList<Answer>> PostAsync(Letter letter, IReadOnlyList<SecretReference> to, CancellationToken cancellationToken)
    {
        if (to.Count == 0)
            return [];
        string? secret;
        try
        {
            secret = settings.WebhookSecret is { } reference ? secrets.Resolve(reference, "secret of webhooks") : null;
        }
        catch (JobFileException exception)
        {
            return [.. to.Select(webhook => new Answer(webhook.ToString(), $"webhook {webhook}", $"Notify:WebhookSecret: {exception.Errors[0].Message}"))];
        }
        return await Task.WhenAll(to.Select(async webhook =>
        {
            var (who, wrong) = await webhooks.SendAsync(webhook, secret, letter, cancellationToken).ConfigureAwait(false);
            return new Answer(webhook.ToString(), who, wrong);
        })).ConfigureAwait(false);
    }
}

/// <param name="Recipient">An address, or a reference to that of a webhook.</param>
/// <param name="Who">The same for people; of a webhook, its host.</param>
/// <param name="Wrong">Why it was not taken, in words and without secrets; null where it was.</param>
public sealed record Answer(string Recipient, string Who, string? Wrong);
