using System.Diagnostics.CodeAnalysis;

namespace Migrator.Core.Providers;

/// <summary>The table of all providers that are known. docs/providers.md names the sources of its figures.</summary>
public static class ProviderProfiles
{
    private const long MB = 1_000_000;

    /// <summary>A server of which nothing is known.</summary>
    public static ProviderProfile Generic { get; } = new("generic", "any server");

    public static ProviderProfile Gmail { get; } =
        new("gmail", "Gmail and Google Workspace")
        {
            Hosts = ["imap.gmail.com", "imap.googlemail.com", "pop.gmail.com", "pop.googlemail.com", "smtp.gmail.com"],
            MailExchangers = ["google.com", "googlemail.com"],
            Greetings = ["Gimap ready"],
            Imap = new("imap.gmail.com", 993),
            Pop3 = new("pop.gmail.com", 995),
            Submission = new("smtp.gmail.com", 465),
            Login = ProviderLogin.Google,
            // 15, of which the owner's own programs need some.
            Connections = 12,
            LargestMessage = 35_651_584,
            // Nine tenths of what is documented: the owner's own programs count too.
            DailyDownload = 2_250 * MB,
            DailyPop3Download = 1_125 * MB,
            Pop3InParts = true,
            DailyUpload = 450 * MB,
            Setup =
                "IMAP must be on: for Google Workspace, in the Admin console; private accounts need two-step verification for an app "
                + "password.",
        };

    public static ProviderProfile Microsoft365 { get; } =
        new("microsoft365", "Microsoft 365 (Exchange Online)")
        {
            Hosts = ["office365.com"],
            MailExchangers = ["mail.protection.outlook.com", "mx.microsoft"],
            // With the name of a server behind it, which tells Exchange Online from Exchange Server no better: hosts come first.
            Greetings = ["Microsoft Exchange IMAP4 service ready"],
            Imap = new("outlook.office365.com", 993),
            Pop3 = new("outlook.office365.com", 995),
            Submission = new("smtp.office365.com", 587, StartTls: true),
            Login = ProviderLogin.Microsoft,
            CommandLength = 8_000,
            LongestLine = 9_900,
            FoldersWithoutMail = ExchangeFolders.WithoutMail,
            ReservedNames = ExchangeFolders.Reserved,
            FoldsCase = true,
            RewritesMessages = true,
            StoresFlagsAfterAppend = true,
        };

    public static ProviderProfile OutlookCom { get; } =
        Microsoft365 with
        {
            Name = "outlook.com",
            Title = "Outlook.com, Hotmail and Live",
            Hosts = ["outlook.com", "hotmail.com", "live.com"],
            MailExchangers = ["olc.protection.outlook.com"],
            Greetings = [],
            Submission = new("smtp-mail.outlook.com", 587, StartTls: true),
        };

    public static ProviderProfile Exchange { get; } =
        Microsoft365 with
        {
            Name = "exchange",
            Title = "Exchange Server",
            Hosts = [],
            MailExchangers = [],
            Greetings = ["The Microsoft Exchange IMAP4 service is ready", "Microsoft Exchange Server", "Microsoft Exchange POP3 service"],
            Imap = null,
            Pop3 = null,
            Submission = null,
            Login = ProviderLogin.Password,
            // MaxConnectionsPerUser is 16 by default, the owner's own programs included.
            Connections = 12,
        };

    public static ProviderProfile Yahoo { get; } =
        new("yahoo", "Yahoo Mail")
        {
            Hosts = ["mail.yahoo.com", "mail.yahoo.co.jp"],
            MailExchangers = ["yahoodns.net"],
            Imap = new("imap.mail.yahoo.com", 993),
            Pop3 = new("pop.mail.yahoo.com", 995),
            Submission = new("smtp.mail.yahoo.com", 465),
            Login = ProviderLogin.AppPassword,
            Connections = 5,
            CommandLength = 1_000,
            MessagesPerCommand = 1_000,
            VisibleMessages = 10_000,
        };

    /// <summary>A server of Yahoo and AOL that shows all messages, and takes none.</summary>
    public static ProviderProfile YahooExport { get; } =
        Yahoo with
        {
            Name = "yahoo-export",
            Title = "Yahoo Mail and AOL Mail, export server",
            Hosts = ["export.imap.mail.yahoo.com", "export.imap.aol.com"],
            MailExchangers = [],
            Imap = new("export.imap.mail.yahoo.com", 993),
            Pop3 = null,
            Submission = null,
            VisibleMessages = null,
        };

    public static ProviderProfile Aol { get; } =
        Yahoo with
        {
            Name = "aol",
            Title = "AOL Mail",
            Hosts = ["aol.com", "imap.verizon.net"],
            MailExchangers = ["mail.gm0.yahoodns.net"],
            Imap = new("imap.aol.com", 993),
            Pop3 = new("pop.aol.com", 995),
            Submission = new("smtp.aol.com", 465),
        };

    public static ProviderProfile ICloud { get; } =
        new("icloud", "iCloud Mail")
        {
            Hosts = ["mail.me.com", "mail.icloud.com"],
            MailExchangers = ["mail.icloud.com"],
            Greetings = ["XAPPLEPUSHSERVICE"],
            Imap = new("imap.mail.me.com", 993),
            Submission = new("smtp.mail.me.com", 587, StartTls: true),
            Login = ProviderLogin.AppPassword,
            LoginName = LoginNameForm.LocalPart,
            Connections = 8,
            LargestMessage = 20 * MB,
        };

    public static ProviderProfile Fastmail { get; } =
        new("fastmail", "Fastmail")
        {
            Hosts = ["fastmail.com", "messagingengine.com"],
            MailExchangers = ["messagingengine.com"],
            Imap = new("imap.fastmail.com", 993),
            Pop3 = new("pop.fastmail.com", 995),
            Submission = new("smtp.fastmail.com", 465),
            Login = ProviderLogin.AppPassword,
        };

    public static ProviderProfile Zimbra { get; } =
        new("zimbra", "Zimbra")
        {
            Greetings = ["Zimbra IMAP4rev1", "Zimbra POP3"],
            ReservedNames = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
            {
                "Contacts",
                "Emailed Contacts",
                "Calendar",
                "Tasks",
                "Briefcase",
                "Chats",
            },
        };

    public static ProviderProfile Courier { get; } =
        new("courier", "Courier")
        {
            Greetings = ["Courier-IMAP"],
            // MAXPERIP is 4 by default.
            Connections = 4,
        };

    public static ProviderProfile Dovecot { get; } =
        new("dovecot", "Dovecot")
        {
            Greetings = ["Dovecot"],
            // mail_max_userip_connections is 10 by default.
            Connections = 10,
        };

    /// <summary>What is more special precedes what it is a kind of.</summary>
    public static IReadOnlyList<ProviderProfile> All { get; } =
    [
        Gmail,
        OutlookCom,
        Microsoft365,
        .. HosterProfiles.All,
        Exchange,
        YahooExport,
        Aol,
        Yahoo,
        ICloud,
        Fastmail,
        Zimbra,
        Courier,
        Dovecot,
        Generic,
    ];

    public static bool TryGet(string name, [NotNullWhen(true)] out ProviderProfile? profile) =>
        (profile = All.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) is not null;

    /// <returns>Null where no provider has it.</returns>
    public static ProviderProfile? OfHost(string host) => All.FirstOrDefault(profile => profile.Hosts.Any(end => EndsWith(host, end)));

    /// <param name="host">Of a server that receives mail for a domain (MX).</param>
    /// <inheritdoc cref="OfHost"/>
    public static ProviderProfile? OfMailExchanger(string host) =>
        All.SelectMany(profile => profile.MailExchangers.Select(end => (Profile: profile, End: end)))
            .Where(known => EndsWith(host, known.End))
            // mail.gm0.yahoodns.net is AOL's, the rest of yahoodns.net Yahoo's.
            .OrderByDescending(known => known.End.Length)
            .Select(known => known.Profile)
            .FirstOrDefault();

    /// <summary>By where the server is, or else by what it says of itself.</summary>
    /// <param name="named">By the job; null where it does not say.</param>
    /// <param name="greeting">Empty where it may have come from anyone.</param>
    public static ProviderProfile Choose(string? named, string host, string greeting) =>
        named is not null && TryGet(named, out var chosen)
            ? chosen
            : OfHost(host)
                ?? All.FirstOrDefault(profile =>
                    profile.Greetings.Any(words => greeting.Contains(words, StringComparison.OrdinalIgnoreCase))
                )
                ?? Generic;

    /// <summary>Where programs of a provider's customers connect, exactly: nobody but the provider can have that host.</summary>
    /// <inheritdoc cref="OfHost"/>
    public static ProviderProfile? OfEndpoint(string host, int port) =>
        All.FirstOrDefault(profile =>
            new[] { profile.Imap, profile.Pop3 }.Any(endpoint =>
                endpoint is not null && endpoint.Port == port && endpoint.Host.Equals(host, StringComparison.OrdinalIgnoreCase)
            )
        );

    private static bool EndsWith(string host, string end) =>
        host.TrimEnd('.') is var name
        && name.EndsWith(end, StringComparison.OrdinalIgnoreCase)
        && (name.Length == end.Length || name[^(end.Length + 1)] == '.');
}
