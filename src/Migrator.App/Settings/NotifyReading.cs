using System.Globalization;
using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.App.Settings;

/// <summary>Reads the section <c>Notify</c>.</summary>
internal sealed class NotifyReading(IConfigurationSection notify)
{
    private static readonly Dictionary<string, NotifyOn> s_occasions = new(StringComparer.OrdinalIgnoreCase) { ["failure"] = NotifyOn.Failure, ["success"] = NotifyOn.Success, ["daily"] = NotifyOn.Daily };

    private static readonly Dictionary<string, (TlsMode Mode, int Port)> s_tls = new(StringComparer.OrdinalIgnoreCase) { ["implicit"] = (TlsMode.Implicit, 465), ["starttls"] = (TlsMode.StartTls, 587), ["none"] = (TlsMode.None, 25) };

    private static readonly SecretReference s_noPassword = new(SecretSource.Prompt, "");

    private readonly List<JobFileError> _errors = [];

    /// <exception cref="JobFileException">Every mistake.</exception>
    public NotifySettings Read()
    {
        _errors.AddRange(KnownKeys.Others(notify, "Mail", "Webhooks", "WebhookSecret", "On", "DailyAt", "Url"));
        var mail = Mail(notify.GetSection("Mail"));
        const string where = "must say where the address is, which often is a secret: \"env:NAME\", \"file:PATH\" or \"setting:NAME\", never the address itself (it is not shown here).";
        List<SecretReference> webhooks = [.. List(notify, "Webhooks").Select(text => Reference("Notify:Webhooks", text, where)).OfType<SecretReference>()];
        var secret = Text(notify, "WebhookSecret") is { } given ? Reference("Notify:WebhookSecret", given, "must say where the secret is: \"env:NAME\", \"file:PATH\" or \"setting:NAME\", never the secret itself (it is not shown here).") : null;
        var (on, at, url) = (On(), At(), Url());
        return _errors.Count == 0 ? new NotifySettings(mail, webhooks, secret, on, at, url) : throw new JobFileException("settings", _errors);
    }

    private NotifyMail? Mail(IConfigurationSection mail)
    {
        if (!mail.Exists())
            return null;
        _errors.AddRange(KnownKeys.Others(mail, "To", "From", "Host", "Port", "Tls", "User", "Password", "Fingerprint", "CaFile"));
        var to = List(mail, "To");
        foreach (var address in to.Where(address => !IsAddress(address)))
            Wrong("Notify:Mail:To", $"holds \"{address}\", which is no address.");
        var host = Text(mail, "Host");
        if (host is null)
            Wrong("Notify:Mail:Host", "is missing: the server that mail is handed to.");
        var from = Text(mail, "From");
        if (from is null || !IsAddress(from))
            Wrong("Notify:Mail:From", from is null ? "is missing: the address that mail comes from." : $"is \"{from}\", which is no address.");
        var tls = s_tls["implicit"];
        if (Text(mail, "Tls") is { } word && !s_tls.TryGetValue(word, out tls))
            Wrong("Notify:Mail:Tls", $"is \"{word}\"; use \"implicit\", \"starttls\" or \"none\".");
        var port = tls.Port;
        if (Text(mail, "Port") is { } number && !(int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535))
            Wrong("Notify:Mail:Port", $"must be a whole number from 1 to 65535, not \"{number}\".");
        var user = Text(mail, "User");
        var password = Text(mail, "Password") is { } text ? Reference("Notify:Mail:Password", text, "must say where the password is: \"env:NAME\", \"file:PATH\" or \"setting:NAME\", never the password itself (it is not shown here).") : null;
        if (user is null != (Text(mail, "Password") is null))
            Wrong(user is null ? "Notify:Mail:User" : "Notify:Mail:Password", "is missing: give both User and Password, or neither where the server needs no login.");
        var trust = new CertificateTrust(Fingerprint(mail), Text(mail, "CaFile") is { } file ? Path.GetFullPath(file) : null);
        if (trust is { Fingerprint: not null, CaFile: not null })
            Wrong("Notify:Mail", "give either Fingerprint or CaFile, not both.");
        return new NotifyMail(to, from ?? "", new MailServer(host ?? "", port, tls.Mode, user ?? "", password ?? s_noPassword, AuthMethod.Auto, trust, MailProtocol.Smtp));
    }

    private string? Fingerprint(IConfigurationSection mail)
    {
        if (Text(mail, "Fingerprint") is not { } text)
            return null;
        var digits = (text.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase) ? text[7..] : text).Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        if (digits.Length != 64 || !digits.All(char.IsAsciiHexDigit))
            Wrong("Notify:Mail:Fingerprint", "must be \"sha256:\" and 64 hexadecimal digits.");
        return digits;
    }

    private NotifyOn On()
    {
        if (List(notify, "On") is not { Count: > 0 } words)
            return NotifyOn.Failure;
        var on = NotifyOn.Nothing;
        foreach (var word in words)
        {
            if (s_occasions.TryGetValue(word, out var occasion))
                on |= occasion;
            else
                Wrong("Notify:On", $"holds \"{word}\"; use \"failure\", \"success\" or \"daily\".");
        }
        return on;
    }

    private TimeOnly At()
    {
        if (Text(notify, "DailyAt") is not { } text)
            return new TimeOnly(7, 0);
        if (!TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
            Wrong("Notify:DailyAt", $"is \"{text}\"; use a time of day such as \"07:00\".");
        return at;
    }

    private Uri? Url()
    {
        if (Text(notify, "Url") is not { } text)
            return null;
        if (Uri.TryCreate(text.TrimEnd('/') + '/', UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", UserInfo: "" })
            return url;
        Wrong("Notify:Url", "must be the address at which people reach the dashboard, such as \"https://migrator.example\", without user and query.");
        return null;
    }

    private SecretReference? Reference(string key, string text, string what)
    {
        if (SecretReference.Parse(text, Directory.GetCurrentDirectory()) is { Source: not SecretSource.Prompt } reference)
            return reference;
        Wrong(key, what);
        return null;
    }

    private void Wrong(string key, string message) => _errors.Add(new JobFileError(key, message));

    private static bool IsAddress(string text) => text.IndexOf('@') is > 0 and var at && at < text.Length - 1 && !text.Any(char.IsControl);

    private static string? Text(IConfigurationSection section, string key) => section[key] is { Length: > 0 } text ? text : null;

    /// <summary>A list, or, as environment and command line have it, words with commas between; those come before a list of a file.</summary>
    private static List<string> List(IConfigurationSection section, string key) => Text(section, key) is { } words
        ? [.. words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]
        : [.. section.GetSection(key).GetChildren().Select(child => child.Value ?? "")];
}
