using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Tests.Folders;

/// <summary>Folders and rules for plans.</summary>
internal static class Mailboxes
{
    /// <summary>A list of folders in which a text stands for a folder without a use.</summary>
    public readonly record struct Entry(MailFolder Folder)
    {
        public static implicit operator Entry(string path) => new(Mailboxes.Folder(path));

        public static implicit operator Entry(MailFolder folder) => new(folder);
    }

    public static MailFolder Folder(string path, SpecialUse use = SpecialUse.None) =>
        new(FolderPath.Parse(path), use, Selectable: true, Subscribed: true, new FolderState(1, 1, 1, 0));

    public static MailFolder Holder(string path) =>
        new(FolderPath.Parse(path), SpecialUse.None, Selectable: false, Subscribed: false, State: null);

    public static FolderRules Rules(
        string[]? include = null,
        string[]? exclude = null,
        (string From, string To)[]? rename = null,
        SpecialUseRule specialUse = SpecialUseRule.Match
    ) => new(include ?? [], exclude ?? [], (rename ?? []).ToDictionary(pair => pair.From, pair => pair.To), specialUse);

    public static TargetCapabilities Traits(char? delimiter = '/', params string[] prefix) => new(1, null, delimiter, prefix);

    public static FolderPlan Plan(
        Entry[] source,
        Entry[] target,
        FolderRules? rules = null,
        TargetCapabilities? traits = null,
        (string Source, string Target)[]? before = null
    ) =>
        FolderPlan.Create(
            [.. source.Select(entry => entry.Folder)],
            [.. target.Select(entry => entry.Folder)],
            rules ?? FolderRules.All,
            traits ?? Traits(),
            (before ?? []).ToDictionary(pair => FolderPath.Parse(pair.Source), pair => FolderPath.Parse(pair.Target))
        );
}
