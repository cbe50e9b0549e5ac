using Migrator.Core.Identity;

namespace Migrator.Core.Providers;

/// <summary>Those of which hardly more is known than where their servers are: the MX of a customer's domain leads there.</summary>
internal static class HosterProfiles
{
    // As Dovecot has it by default, which most of them run; none says more.
    private const int Connections = 10;

    private const string SwitchOn = "IMAP and POP3 must be switched on first: in the web mailer, Settings, POP3/IMAP.";

    public static IReadOnlyList<ProviderProfile> All { get; } =
    [
        Microsoft(
            "microsoft365-gov",
            "Microsoft 365 for US government",
            MicrosoftCloud.GccHigh,
            "office365.us",
            "outlook.office365.us",
            "smtp.office365.us"
        ),
        Microsoft(
            "microsoft365-cn",
            "Microsoft 365 by 21Vianet",
            MicrosoftCloud.China,
            "partner.outlook.cn",
            "partner.outlook.cn",
            "smtp.partner.outlook.cn"
        ),
        Zoho("zoho", "Zoho Mail", "zoho.com"),
        Zoho("zoho-eu", "Zoho Mail (Europe)", "zoho.eu"),
        Zoho("zoho-in", "Zoho Mail (India)", "zoho.in"),
        Hoster("ionos-de", "IONOS (Germany)", "ionos.de", ["ionos.de", "kundenserver.de", "1and1.de"]),
        Hoster("ionos-uk", "IONOS (United Kingdom)", "ionos.co.uk", ["ionos.co.uk", "1and1.co.uk"]),
        Hoster("ionos-fr", "IONOS (France)", "ionos.fr", ["ionos.fr", "1and1.fr"]),
        Hoster("ionos-es", "IONOS (Spain)", "ionos.es", ["ionos.es", "1and1.es"]),
        Hoster("ionos-it", "IONOS (Italy)", "ionos.it", ["ionos.it"]),
        Hoster("ionos", "IONOS", "ionos.com", ["ionos.com", "1and1.com", "perfora.net"]),
        At("ovh", "OVHcloud", "ssl0.ovh.net", "ssl0.ovh.net") with
        {
            MailExchangers = ["mail.ovh.net"],
        },
        At("gmx", "GMX", "imap.gmx.net", "pop.gmx.net") with
        {
            MailExchangers = ["gmx.net", "gmx.com"],
            Setup = SwitchOn,
        },
        At("web.de", "WEB.DE", "imap.web.de", "pop3.web.de") with
        {
            MailExchangers = ["web.de"],
            LoginName = LoginNameForm.LocalPart,
            Setup = SwitchOn,
        },
        At("strato", "STRATO", "imap.strato.de", "pop3.strato.de") with
        {
            MailExchangers = ["rzone.de"],
        },
        At("t-online", "Telekom (t-online.de)", "secureimap.t-online.de", "securepop.t-online.de") with
        {
            MailExchangers = ["t-online.de"],
            Setup = "Programs log in with a separate mail password, which is created in the customer center.",
        },
        At("godaddy", "GoDaddy Workspace", "imap.secureserver.net", "pop.secureserver.net") with
        {
            MailExchangers = ["secureserver.net"],
        },
        At("rackspace", "Rackspace Email", "secure.emailsrvr.com", "secure.emailsrvr.com") with
        {
            MailExchangers = ["emailsrvr.com"],
        },
        At("yandex", "Yandex Mail", "imap.yandex.com", "pop.yandex.com") with
        {
            MailExchangers = ["yandex.net", "yandex.ru"],
            Login = ProviderLogin.AppPassword,
            Setup = "IMAP must be switched on first: in the web mailer, Settings, Email clients.",
        },
        At("mail.ru", "Mail.ru", "imap.mail.ru", "pop.mail.ru") with
        {
            MailExchangers = ["mail.ru"],
            Login = ProviderLogin.AppPassword,
        },
        new("proton", "Proton Mail")
        {
            MailExchangers = ["protonmail.ch"],
            Setup = "Proton Mail has no IMAP server: install Proton Mail Bridge, and give the URL that it shows.",
        },
        At("migadu", "Migadu", "imap.migadu.com", "pop.migadu.com") with
        {
            MailExchangers = ["migadu.com"],
        },
        At("mailbox.org", "mailbox.org", "imap.mailbox.org", "pop3.mailbox.org") with
        {
            MailExchangers = ["mailbox.org"],
        },
        At("posteo", "Posteo", "posteo.de", "posteo.de") with
        {
            MailExchangers = ["posteo.de"],
        },
        At("namecheap", "Namecheap Private Email", "mail.privateemail.com", "mail.privateemail.com") with
        {
            MailExchangers = ["privateemail.com"],
        },
        At("gandi", "Gandi", "mail.gandi.net", "mail.gandi.net") with
        {
            MailExchangers = ["mail.gandi.net"],
        },
    ];

    private static ProviderProfile Hoster(string name, string title, string domain, IReadOnlyList<string> exchangers) =>
        At(name, title, $"imap.{domain}", $"pop.{domain}") with
        {
            MailExchangers = exchangers,
        };

    private static ProviderProfile At(string name, string title, string imap, string pop3) =>
        new(name, title)
        {
            // Not the domain: customers have hosts within some of them.
            Hosts = imap == pop3 ? [imap] : [imap, pop3],
            Imap = new(imap, 993),
            Pop3 = new(pop3, 995),
            Connections = Connections,
        };

    private static ProviderProfile Zoho(string name, string title, string domain) =>
        At(name, title, $"imappro.{domain}", $"poppro.{domain}") with
        {
            // Of people without a domain of their own, too.
            Hosts = [$"imappro.{domain}", $"poppro.{domain}", $"imap.{domain}", $"pop.{domain}"],
            MailExchangers = [domain],
            Setup =
                "IMAP must be switched on first: in the web mailer, Settings, Mail Accounts, IMAP. With two-factor authentication, create "
                + "an app password.",
        };

    private static ProviderProfile Microsoft(string name, string title, MicrosoftCloud cloud, string end, string host, string submission) =>
        ProviderProfiles.Microsoft365 with
        {
            Name = name,
            Title = title,
            Cloud = cloud,
            Hosts = [end],
            MailExchangers = [$"mail.protection.{end}"],
            Greetings = [],
            Imap = new(host, 993),
            Pop3 = new(host, 995),
            Submission = new(submission, 587, StartTls: true),
        };
}
