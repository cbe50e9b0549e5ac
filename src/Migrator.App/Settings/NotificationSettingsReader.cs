using System.Globalization;
using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.App.Settings;

/// <summary>Reads the section <c>Notify</c>.</summary>
internal static class NotificationSettingsReader
{
    private const char Separator = ',';

    private static readonly Dictionary<string, NotifyOn> s_occasions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["failure"] = NotifyOn.Failure,
        ["success"] = NotifyOn.Success,
        ["daily"] = NotifyOn.Daily,
    };

    private static readonly Dictionary<string, (TlsMode Mode, int Port)> s_tls = new(StringComparer.OrdinalIgnoreCase)
    {
        ["implicit"] = (TlsMode.Implicit, 465),
        ["starttls"] = (TlsMode.StartTls, 587),
        ["none"] = (TlsMode.None, 25),
    };

    /// <exception cref="ConfigurationException">Every error.</exception>
    public static NotificationSettings Read(IConfiguration settings)
    {
        var notify = new SettingsReader(settings, "Notify");
        notify.RejectUnknown("Mail", "Webhooks", "WebhookSecret", "On", "DailyAt", "Url");
        var read = new NotificationSettings(
            Mail(notify.Section("Mail")),
            notify.Secrets("Webhooks", Separator, "address"),
            notify.Secret("WebhookSecret", "secret"),
            On(notify),
            At(notify),
            Url(notify)
        );
        notify.ThrowIfWrong();
        return read;
    }

    private static NotifyMail? Mail(SettingsReader mail)
    {
        if (!mail.Exists)
            return null;
        mail.RejectUnknown("To", "From", "Host", "Port", "Tls", "User", "Password", "Auth", "Fingerprint", "CaFile");
        var to = mail.List("To", Separator);
        foreach (var address in to.Where(address => !IsAddress(address)))
            mail.Wrong("To", $"contains \"{address}\", which is not a valid email address.");
        var host = mail.Text("Host");
        if (host is null)
            mail.Wrong("Host", "is missing: the mail server to send through.");
        var from = mail.Text("From");
        if (from is null || !IsAddress(from))
            mail.Wrong("From", from is null ? "is missing: the sender address." : $"is \"{from}\", which is not a valid email address.");
        var tls = mail.Word("Tls", s_tls["implicit"], s_tls);
        var port = mail.Number("Port", tls.Port, 65535);
        var (user, password) = (mail.Text("User"), mail.Secret("Password", "password"));
        var auth = Auth(mail, user);
        if (mail.Section("Auth").Exists)
        {
            if (user is null)
                mail.Wrong("User", "is missing: \"Auth\" says how it logs in.");
            if (mail.Text("Password") is not null)
                mail.Wrong("Password", "is given together with \"Auth\", which says how the secret is obtained; remove one of the two.");
        }
        else if (user is null != (mail.Text("Password") is null))
            mail.Wrong(
                user is null ? "User" : "Password",
                "is missing: give both User and Password, or neither where the server needs no login."
            );
        var trust = new CertificateTrust(mail.Fingerprint("Fingerprint"), mail.Text("CaFile") is { } file ? Path.GetFullPath(file) : null);
        if (trust is { Fingerprint: not null, CaFile: not null })
            mail.Wrong("Fingerprint", "and CaFile are both given; give one of them.");
        return new NotifyMail(
            to,
            from ?? "",
            new MailServer(
                host ?? "",
                port,
                tls.Mode,
                user ?? "",
                auth?.Password ?? password,
                auth?.Method ?? AuthMethod.Auto,
                trust,
                MailProtocol.Smtp
            )
            {
                Tokens = auth?.Tokens,
            }
        );
    }

    private static ServerAuth? Auth(SettingsReader mail, string? user)
    {
        var auth = mail.Section("Auth");
        if (mail.Text("Auth") is { } word)
            mail.Wrong(
                "Auth",
                $"is \"{word}\"; it has keys: set Notify:Mail:Auth:Type to \"microsoft\", \"google\", \"oauth\" or \"command\"."
            );
        else if (auth.Exists)
            return AuthSettings.Read(
                auth.Keys.Select(key => KeyValuePair.Create(key, auth.Text(key) ?? "")).Where(pair => pair.Value.Length > 0),
                user ?? "",
                Directory.GetCurrentDirectory(),
                (key, message) => mail.Wrong(key.Length == 0 ? "Auth" : $"Auth:{key}", message)
            );
        return null;
    }

    private static NotifyOn On(SettingsReader notify)
    {
        if (notify.List("On", Separator) is not { Count: > 0 } words)
            return NotifyOn.Failure;
        var on = NotifyOn.Nothing;
        foreach (var word in words)
        {
            if (s_occasions.TryGetValue(word, out var occasion))
                on |= occasion;
            else
                notify.Wrong("On", $"contains \"{word}\"; use \"failure\", \"success\" or \"daily\".");
        }
        return on;
    }

    private static TimeOnly At(SettingsReader notify)
    {
        if (notify.Text("DailyAt") is not { } text)
            return new TimeOnly(7, 0);
        if (!TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
            notify.Wrong("DailyAt", $"is \"{text}\"; use a time of day such as \"07:00\".");
        return at;
    }

    private static Uri? Url(SettingsReader notify)
    {
        if (notify.Text("Url") is not { } text)
            return null;
        if (
            Uri.TryCreate(text.TrimEnd('/') + '/', UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url is { Query: "", UserInfo: "" }
        )
            return url;
        notify.Wrong("Url", "must be the URL of the dashboard, such as \"https://migrator.example\", without user and query.");
        return null;
    }

    private static bool IsAddress(string text) => text.IndexOf('@') is > 0 and var at && at < text.Length - 1 && !text.Any(char.IsControl);
}
