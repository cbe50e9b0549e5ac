using Migrator.Core.Archives;
using Migrator.Core.Mail;

namespace Migrator.Core.Jobs;

/// <summary>What is to be done, as a job file or a command line says it.</summary>
/// <param name="Name">Names the job in output and reports; the file's name where the file does not say.</param>
public abstract record Job(string Name)
{
    /// <summary>What its runs are, for hints.</summary>
    public abstract Purpose Purpose { get; }
}

/// <summary>Reads a mailbox.</summary>
public abstract record MailboxJob(string Name, MailServer Source, FolderRules Folders, RunOptions Options, Removal Removal) : Job(Name)
{
    /// <summary>Whether mail of others may go to the same target.</summary>
    public bool AllowSharedTarget { get; init; }

    public override Purpose Purpose => Source.Protocol == MailProtocol.Pop3 ? Purpose.Pop3 : this is BackupJob ? Purpose.Backup : Purpose.Copy;
}

/// <summary>Brings a mailbox to another server.</summary>
public sealed record MigrateJob(string Name, MailServer Source, MailServer Target, FolderRules Folders, RunOptions Options, Removal Removal)
    : MailboxJob(Name, Source, Folders, Options, Removal)
{
    public Transfer Transfer => new(Name, Source.Account, Target.Account, Folders, Options) { Purpose = Purpose };
}

/// <summary>Keeps a mailbox in an archive.</summary>
public sealed record BackupJob(string Name, MailServer Source, ArchiveReference Archive, FolderRules Folders, RunOptions Options, Removal Removal)
    : MailboxJob(Name, Source, Folders, Options, Removal)
{
    /// <summary>What the mailbox is called in the archive. With a name of its own, another host or port goes on with the same snapshots.</summary>
    public string Mailbox { get => field ?? Source.Account; init; }

    /// <summary>When a loss of messages is reported.</summary>
    public ShrunkRule Shrunk { get; init; } = ShrunkRule.Default;
}

/// <summary>Prunes and checks an archive, and tests that it can be restored.</summary>
public sealed record UpkeepJob(string Name, ArchiveReference Archive, UpkeepRules Rules) : Job(Name)
{
    public override Purpose Purpose => Purpose.Archive;
}

/// <summary>What is copied from where to where, whatever stands at the ends.</summary>
/// <param name="Name">Of the job.</param>
/// <param name="Source">Names the source in checkpoints and reports.</param>
/// <param name="Target">Names the target likewise.</param>
public sealed record Transfer(string Name, string Source, string Target, FolderRules Folders, RunOptions Options)
{
    /// <summary>For hints.</summary>
    public Purpose Purpose { get; init; }

    /// <summary>What the source is called in an archive, whatever server it is on.</summary>
    public string Mailbox { get => field ?? Source; init; }
}

/// <summary>Whether messages are deleted at the source (POP3) once their stored copies were read back.</summary>
/// <param name="AfterDays">Days since the server listed a message first, 0 or more; null to leave everything there.</param>
public sealed record Removal(int? AfterDays)
{
    public static readonly Removal Never = new((int?)null);
}

/// <summary>One user's account on one server, and how to get in.</summary>
/// <param name="Host">DNS name or address.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Tls">How the connection is protected.</param>
/// <param name="User">Login name.</param>
/// <param name="Password">Where the password is to be found.</param>
/// <param name="Auth">How to log in.</param>
/// <param name="Trust">Which certificates are accepted.</param>
/// <param name="Protocol">How it is spoken to.</param>
public sealed record MailServer(string Host, int Port, TlsMode Tls, string User, SecretReference Password, AuthMethod Auth, CertificateTrust Trust, MailProtocol Protocol = MailProtocol.Imap)
{
    /// <summary>New messages from a server that keeps no flags (POP3) count as read. Otherwise they count as unread.</summary>
    public bool MarkAsRead { get; init; }

    /// <summary>Names the account in checkpoints, reports and logs. The port belongs to it: behind tunnels, one host name
    /// stands for several servers.</summary>
    public string Account => $"{(Protocol == MailProtocol.Pop3 ? "pop3" : "imap")}://{Uri.EscapeDataString(User)}@{(Host.Contains(':') ? $"[{Host}]" : Host.ToLowerInvariant())}:{Port}";
}

public enum MailProtocol
{
    Imap,

    /// <summary>RFC 1939: one folder, no flags, no dates; a source only.</summary>
    Pop3,

    /// <summary>RFC 5321: takes what is told to people; neither source nor target.</summary>
    Smtp,
}

public enum TlsMode
{
    /// <summary>TLS from the first octet, usually on port 993, POP3 on 995 (RFC 8314).</summary>
    Implicit,

    /// <summary>TLS by STARTTLS (STLS in POP3, RFC 2595), usually on port 143, POP3 on 110; no login without it.</summary>
    StartTls,

    /// <summary>No protection: whoever listens on the way reads password and mail.</summary>
    None,
}

public enum AuthMethod
{
    /// <summary>PLAIN inside TLS, the strongest that the server offers in plaintext; never more than one.</summary>
    Auto,
    Login,
    Plain,
    CramMd5,
    ScramSha1,
    ScramSha256,
}

/// <summary>Which server certificates are accepted besides those that the system trusts.</summary>
/// <param name="Fingerprint">SHA-256 of the one accepted certificate, 64 hexadecimal digits without separators; null for any
/// trusted one. A pinned certificate may be self-signed or expired, or bear another name.</param>
/// <param name="CaFile">A PEM file of authorities trusted instead of the system's.</param>
public sealed record CertificateTrust(string? Fingerprint, string? CaFile)
{
    public static readonly CertificateTrust System = new(null, null);
}

/// <summary>Where a secret is to be found, never the secret itself.</summary>
public sealed record SecretReference(SecretSource Source, string Name)
{
    /// <param name="directory">Where a relative path starts from.</param>
    /// <returns>Null where the text is no reference: it may be a secret, so it must not be repeated.</returns>
    public static SecretReference? Parse(string text, string directory) => text switch
    {
        "prompt" => new SecretReference(SecretSource.Prompt, ""),
        _ when text.Contains('\0') => null,
        _ when text.StartsWith("env:", StringComparison.Ordinal) && text.Length > 4 => new SecretReference(SecretSource.Env, text[4..]),
        _ when text.StartsWith("setting:", StringComparison.Ordinal) && text.Length > 8 => new SecretReference(SecretSource.Setting, text[8..]),
        _ when text.StartsWith("file:", StringComparison.Ordinal) && text.Length > 5 => new SecretReference(SecretSource.File, Path.GetFullPath(text[5..], directory)),
        _ => null,
    };

    public override string ToString() => Source == SecretSource.Prompt ? "prompt" : $"{Source.ToString().ToLowerInvariant()}:{Name}";
}

public enum SecretSource
{
    /// <summary>An environment variable.</summary>
    Env,

    /// <summary>A file's content, without its last line end.</summary>
    File,

    /// <summary>A setting from Azure Key Vault or from an environment variable of ours.</summary>
    Setting,

    /// <summary>Asked for on the terminal.</summary>
    Prompt,
}

/// <param name="Include">Globs over folder paths (<c>*</c> within a name, <c>**</c> across names); only folders that match one are copied. Empty: all.</param>
/// <param name="Exclude">Globs; folders that match one are left out, included or not.</param>
/// <param name="Rename">Source path to target path; folders below it go along.</param>
/// <param name="SpecialUse">Where folders with a special use go.</param>
public sealed record FolderRules(
    IReadOnlyList<string> Include,
    IReadOnlyList<string> Exclude,
    IReadOnlyDictionary<string, string> Rename,
    SpecialUseRule SpecialUse)
{
    /// <summary>A pattern of <see cref="Include"/> that matches nothing is a mistake, and not only where none of them does.</summary>
    public bool EveryIncludeMatches { get; init; }

    public static readonly FolderRules All = new([], [], new Dictionary<string, string>(), SpecialUseRule.Match);

    /// <summary>Whose folders are taken.</summary>
    public IReadOnlySet<NamespaceKind> Namespaces { get; init; } = new HashSet<NamespaceKind> { NamespaceKind.Private };
}

public enum SpecialUseRule
{
    /// <summary>To the target's folder of the same use where it has one (Sent to Sent Items), else by name.</summary>
    Match,

    /// <summary>By name, whatever the target's folders are for.</summary>
    Name,
}

/// <param name="Connections">To each server at once, 1 to 16.</param>
/// <param name="SpoolLimit">Octets on disk that wait for delivery, at least 1 MiB; one message per connection may go beyond it.</param>
public sealed record RunOptions(int Connections, long SpoolLimit)
{
    public static readonly TimeSpan DefaultQuietTime = TimeSpan.FromSeconds(10);

    /// <summary>A target that keeps one copy of identical messages of a folder (Gmail) has them all.</summary>
    public bool AcceptMerged { get; init; }

    /// <summary>For how long a target folder must have received nothing before messages are sent again that an interrupted session may still have
    /// been sending.</summary>
    public TimeSpan QuietTime { get; init; } = DefaultQuietTime;

    /// <summary>Remove from the target what such a session sent a second time, where nobody has touched it.</summary>
    public bool RemoveLateDuplicates { get; init; }

    public static readonly RunOptions Default = new(3, 256L << 20);
}
