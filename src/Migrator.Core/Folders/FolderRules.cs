using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <param name="Include">Globs over folder paths (<c>*</c> within a name, <c>**</c> across names); only folders that match one are copied.
/// Empty: all.</param>
/// <param name="Exclude">Globs; folders that match one are left out, included or not.</param>
/// <param name="Rename">Source path to target path; folders below it go along.</param>
/// <param name="SpecialUse">Where folders with a special use go.</param>
public sealed record FolderRules(
    IReadOnlyList<string> Include,
    IReadOnlyList<string> Exclude,
    IReadOnlyDictionary<string, string> Rename,
    SpecialUseRule SpecialUse
)
{
    /// <summary>A pattern of <see cref="Include"/> that matches nothing is an error, and not only where none of them does.</summary>
    public bool EveryIncludeMatches { get; init; }

    public static readonly FolderRules All = new([], [], new Dictionary<string, string>(), SpecialUseRule.Match);

    /// <summary>What becomes of labels.</summary>
    public LabelRule Labels { get; init; }

    /// <summary>What becomes of folders that <see cref="Rename"/> does not name, nor one above them: the first that matches
    /// applies.</summary>
    public IReadOnlyList<FolderPattern> RenamePatterns { get; init; } = [];

    /// <summary>The folder of the target that all others are placed below, INBOX included; null where each has its own place.</summary>
    public FolderPath? Into { get; init; }

    /// <exception cref="FormatException">It is no path, or INBOX: where every folder is below INBOX, that of the source would be the
    /// same as that of the target.</exception>
    public static FolderPath ParseInto(string text)
    {
        var into = FolderPath.Parse(text);
        return into.IsInbox
            ? throw new FormatException("is INBOX, where new mail arrives; name a folder beside or below it, such as \"Old mail\".")
            : into;
    }

    /// <summary>Folders without messages are created at the target.</summary>
    public bool CreateEmpty { get; init; } = true;

    /// <summary>Which rights of others are given at the target; null for none.</summary>
    public AccessRules? Access { get; init; }

    /// <summary>Whose folders are taken.</summary>
    public IReadOnlySet<NamespaceKind> Namespaces { get; init; } = new HashSet<NamespaceKind> { NamespaceKind.Private };
}
