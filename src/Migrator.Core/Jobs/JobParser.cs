using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Jobs;

/// <summary>Reads what is done for one mailbox.</summary>
internal static class JobParser
{
    private const int MostOfName = 255;

    // As of include and exclude.
    private const int MostOfPattern = 1000;

    private static readonly Dictionary<string, bool> s_kinds = new() { ["migrate"] = false, ["backup"] = true };

    private static readonly Dictionary<string, bool> s_markAs = new() { ["read"] = true, ["unread"] = false };

    private static readonly Dictionary<string, SpecialUseRule> s_specialUse = new()
    {
        ["match"] = SpecialUseRule.Match,
        ["name"] = SpecialUseRule.Name,
    };

    /// <summary>Say what becomes of folders at a target.</summary>
    private static readonly string[] s_forTargets = ["into", "renamePatterns", "emptyFolders", "acls", "aclIdentifiers"];

    private static readonly Dictionary<string, LabelRule> s_labels = new()
    {
        ["folders"] = LabelRule.Folders,
        ["keywords"] = LabelRule.Keywords,
    };

    private static readonly Dictionary<string, NamespaceKind> s_namespaces = new()
    {
        ["private"] = NamespaceKind.Private,
        ["shared"] = NamespaceKind.Shared,
        ["public"] = NamespaceKind.Public,
    };

    /// <param name="name">Of the job.</param>
    /// <param name="directory">Where relative paths start from.</param>
    /// <returns>Null where there were errors.</returns>
    public static MailboxJob? Read(JsonObjectReader file, string name, string directory)
    {
        var backup = file.Choice("kind", s_kinds) ?? false;
        var source = ServerParser.Read(file.Object("source", "say where mail comes from: host, user and password."), directory);
        var target = backup ? null : ServerParser.Read(file.Object("target", "say where mail goes: host, user and password."), directory);
        var kept = backup ? file.Object("archive", "say where mail is kept: location, and a key where it is encrypted.") : null;
        var mailbox = ReadMailbox(kept);
        var archive = ArchiveParser.Read(kept, directory);
        // Known for both kinds, so that the error says what is the matter instead of taking it for a misspelling.
        if (file.Has(backup ? "target" : "archive"))
            file.Wrong(
                file.At(backup ? "target" : "archive"),
                backup
                    ? "does not belong to kind \"backup\", which has an \"archive\"."
                    : "belongs to kind \"backup\"; say so, or give a \"target\"."
            );
        var folders = ReadFolders(file.Object("folders"), backup);
        var messages = MessageRulesParser.Read(file.Object("messages"));
        var follow = FollowParser.Read(file);
        var connections = file.Number("connections", 1, 16);
        var spoolLimit = ReadSpoolLimit(file);
        var acceptMerged = file.Flag("acceptMerged") ?? false;
        var quiet = file.Duration("quietTime", TimeSpan.Zero, TimeSpan.FromMinutes(10)) ?? RunOptions.DefaultQuietTime;
        var share = file.Flag("allowSharedTarget") ?? false;
        var removal = new SourceDeletionPolicy(file.Number("deleteAtSourceAfterDays", 0, 3650));
        var markAsRead = file.Choice("markAs", s_markAs);
        file.NothingElse();
        if (source is null)
            return null;
        if (removal.AfterDays is not null && source.Protocol != MailProtocol.Pop3)
            file.Wrong(file.At("deleteAtSourceAfterDays"), "is for POP3 only: at an IMAP server nothing is ever deleted.");
        if (markAsRead is not null && source.Protocol != MailProtocol.Pop3)
            file.Wrong(file.At("markAs"), "is for POP3 only: messages of an IMAP server keep the flags that they have there.");
        if (backup && file.Has("messages"))
            file.Wrong(file.At("messages"), "is for kind \"migrate\": a backup keeps every message of its folders.");
        if (follow is not null && (backup || source.Protocol == MailProtocol.Pop3))
            file.Wrong(
                file.At("follow"),
                backup
                    ? "is for kind \"migrate\": an archive keeps what was deleted in its snapshots."
                    : "is not for POP3, where a message that is gone may have been fetched by another program."
            );
        if (messages.NeedsMoreThanSize && source.Protocol == MailProtocol.Pop3)
            file.Wrong(file.At("messages"), "may only choose by size where the source is POP3, which tells neither dates nor flags.");
        if (messages.NewestFirst && source.Protocol == MailProtocol.Pop3)
            file.Wrong($"{file.At("messages")}.newestFirst", "is not for POP3, which tells no dates.");
        source = source with { MarkAsRead = markAsRead ?? false };
        var options = new RunOptions(connections, spoolLimit) { AcceptMerged = acceptMerged, QuietTime = quiet };
        if (backup)
            return archive is null
                ? null
                : new BackupJob(name, source, archive, folders, options, removal)
                {
                    AllowSharedTarget = share,
                    Mailbox = mailbox ?? source.Account,
                };
        if (target is null)
            return null;
        if (target.Protocol == MailProtocol.Pop3)
            file.Wrong("$.target.protocol", "is \"pop3\", which can only be read from; mail goes to an \"imap\" server.");
        if (MailboxIdentity.Of(source) == MailboxIdentity.Of(target))
            file.Wrong(file.At("target"), "is the same account as $.source.");
        return new MigrateJob(name, source, target, folders, options, removal)
        {
            AllowSharedTarget = share,
            Messages = messages,
            Follow = follow,
        };
    }

    private static string? ReadMailbox(JsonObjectReader? archive)
    {
        if (archive?.Text("mailbox") is not { } mailbox)
            return null;
        if (mailbox.Length > MostOfName || mailbox.Any(char.IsControl))
            archive.Wrong(archive.At("mailbox"), $"must be 1 to {MostOfName} characters without control characters.");
        return mailbox;
    }

    private static FolderRules ReadFolders(JsonObjectReader? folders, bool backup)
    {
        if (folders is null)
            return FolderRules.All;
        var (include, exclude) = (folders.Texts("include"), folders.Texts("exclude"));
        var rename = new Dictionary<string, string>();
        if (folders.Object("rename") is { } map)
        {
            foreach (var from in map.Names)
            {
                if (map.Text(from) is { } to && IsPath(map, from, from) && IsPath(map, from, to))
                    rename[from] = to;
            }
        }
        var patterns = ReadPatterns(folders.Object("renamePatterns"));
        var into = ReadPlace(folders, "into");
        var createEmpty = folders.Flag("emptyFolders") ?? true;
        var specialUse = folders.Choice("specialUse", s_specialUse) ?? SpecialUseRule.Match;
        var access = ReadAccess(folders);
        foreach (var key in s_forTargets.Where(key => folders.Has(key) && backup))
            folders.Wrong(folders.At(key), "is for migrations: a backup keeps folders as they are at the source.");
        var namespaces = folders.Choices("namespaces", s_namespaces);
        var labels = folders.Choice("labels", s_labels) ?? LabelRule.Folders;
        folders.NothingElse();
        var rules = new FolderRules(include, exclude, rename, specialUse)
        {
            Labels = labels,
            RenamePatterns = patterns,
            Into = into,
            CreateEmpty = createEmpty,
            Access = access,
        };
        return namespaces.Count > 0 ? rules with { Namespaces = namespaces } : rules;
    }

    /// <returns>Null where no rights are copied.</returns>
    private static AccessRules? ReadAccess(JsonObjectReader folders)
    {
        var copied = folders.Flag("acls") ?? folders.Has("acls");
        var identifiers = new Dictionary<string, string>();
        if (folders.Object("aclIdentifiers") is { } map)
        {
            if (!copied)
                folders.Wrong(folders.At("aclIdentifiers"), "names whose rights are copied; that is done where \"acls\" is true.");
            foreach (var from in map.Names)
            {
                if (map.Text(from) is not { } to)
                    continue;
                if (IsIdentifier(from) && IsIdentifier(to))
                    identifiers[from] = to;
                else
                    map.Wrong(map.At(from), $"must be 1 to {MostOfName} characters without control characters, and not begin with \"-\".");
            }
        }
        return copied ? new AccessRules(identifiers) : null;

        static bool IsIdentifier(string text) => text.Length is > 0 and <= MostOfName && !text.StartsWith('-') && !text.Any(char.IsControl);
    }

    private static IReadOnlyList<FolderPattern> ReadPatterns(JsonObjectReader? map)
    {
        var patterns = new List<FolderPattern>();
        foreach (var from in map?.Names ?? [])
        {
            if (map!.Text(from) is not { } to)
                continue;
            if (Math.Max(from.Length, to.Length) > MostOfPattern)
            {
                map.Wrong(map.At(from), $"is too long: a pattern and its path have at most {MostOfPattern} characters each.");
                continue;
            }
            try
            {
                patterns.Add(new FolderPattern(from, to));
            }
            catch (FormatException exception)
            {
                map.Wrong(map.At(from), exception.Message);
            }
        }
        return patterns;
    }

    /// <summary>A folder of the target other than INBOX.</summary>
    public static FolderPath? ReadPlace(JsonObjectReader rules, string name)
    {
        try
        {
            return rules.Text(name) is { } text ? FolderRules.ParseInto(text) : null;
        }
        catch (FormatException exception)
        {
            rules.Wrong(rules.At(name), exception.Message);
            return null;
        }
    }

    private static bool IsPath(JsonObjectReader map, string key, string path)
    {
        try
        {
            FolderPath.Parse(path);
            return true;
        }
        catch (FormatException exception)
        {
            map.Wrong(map.At(key), exception.Message);
            return false;
        }
    }

    private static long ReadSpoolLimit(JsonObjectReader file)
    {
        if (file.Text("spoolLimit") is not { } text)
            return RunOptions.Default.SpoolLimit;
        if (JobFile.ParseSize(text) is { } size and >= 1 << 20)
            return size;
        file.Wrong(file.At("spoolLimit"), $"is \"{text}\"; write a size such as \"256 MiB\" or \"2 GiB\", at least \"1 MiB\".");
        return 0;
    }
}
