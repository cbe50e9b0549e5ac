using Migrator.Core.Identity;

namespace Migrator.Core.Providers;

/// <summary>What is known of a provider, or of the software of a server, beyond what it says itself. Data only: what connects, reads or
/// writes asks for a property, never for a name.</summary>
/// <param name="Name">In job files, commands and reports; never renamed.</param>
/// <param name="Title">For people.</param>
public sealed record ProviderProfile(string Name, string Title)
{
    /// <summary>DNS names, or their ends: <c>office365.com</c> stands for <c>outlook.office365.com</c> too.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Ends of the names of the servers that receive mail for a domain (MX), the provider's customers' domains included.</summary>
    public IReadOnlyList<string> MailExchangers { get; init; } = [];

    /// <summary>Words of the greeting, any of which is enough.</summary>
    public IReadOnlyList<string> Greetings { get; init; } = [];

    /// <summary>Null where the provider has none, or it is the customer's own.</summary>
    public ProviderEndpoint? Imap { get; init; }

    /// <inheritdoc cref="Imap"/>
    public ProviderEndpoint? Pop3 { get; init; }

    /// <inheritdoc cref="Imap"/>
    public ProviderEndpoint? Submission { get; init; }

    public ProviderLogin Login { get; init; } = ProviderLogin.Password;

    /// <summary>Of <see cref="ProviderLogin.Microsoft"/>: where its tenants live.</summary>
    public MicrosoftCloud Cloud { get; init; } = MicrosoftCloud.Global;

    public LoginNameForm LoginName { get; init; } = LoginNameForm.Address;

    /// <summary>At once, for one account.</summary>
    public int Connections { get; init; } = MostConnections;

    /// <summary>Bytes of one command line, from 1,000 on.</summary>
    public int CommandLength { get; init; } = 8_000;

    /// <summary>Messages that one command may name.</summary>
    public int MessagesPerCommand { get; init; } = int.MaxValue;

    /// <summary>The largest message that it takes, in bytes, where it does not say (APPENDLIMIT, RFC 7889). Null where it is not known, or
    /// an administrator may raise it.</summary>
    public long? LargestMessage { get; init; }

    /// <summary>Bytes of the longest line in a message that it takes; null for any.</summary>
    public int? LongestLine { get; init; }

    /// <summary>How many messages of a folder it shows at most: a folder with exactly as many may have more.</summary>
    public int? VisibleMessages { get; init; }

    /// <summary>Bytes of mail that may be fetched in 24 hours; null where no limit is known.</summary>
    public long? DailyDownload { get; init; }

    /// <inheritdoc cref="DailyDownload"/>
    public long? DailyPop3Download { get; init; }

    /// <summary>Over POP3, it lists a part of the mailbox, and no longer what was fetched in a session that ended with QUIT.</summary>
    public bool Pop3InParts { get; init; }

    /// <summary>Bytes of mail that may be appended in 24 hours; null where no limit is known.</summary>
    public long? DailyUpload { get; init; }

    /// <summary>Folders that hold no mail, for each language in which the provider names them. They are not copied, and no mail is copied
    /// into them.</summary>
    public IReadOnlyList<FoldersWithoutMail> FoldersWithoutMail { get; init; } = [];

    /// <summary>Names at the top that no folder of mail can have.</summary>
    public IReadOnlySet<string> ReservedNames { get; init; } = new HashSet<string>();

    /// <summary>Names of folders that differ only in upper and lower case are one folder.</summary>
    public bool FoldsCase { get; init; }

    /// <summary>It keeps messages in its own form and rebuilds them when they are fetched: neither bytes nor sizes tell whether a message
    /// is the one that was sent, nor are they the same at each fetch.</summary>
    public bool RewritesMessages { get; init; }

    /// <summary>Flags that an append loses, and that are stored after it.</summary>
    public bool StoresFlagsAfterAppend { get; init; }

    /// <summary>What the owner of an account does before a program can log in, beyond what <see cref="Login"/> says; null for
    /// nothing.</summary>
    public string? Setup { get; init; }

    /// <summary>As many as a job may ask for.</summary>
    public const int MostConnections = 16;
}
