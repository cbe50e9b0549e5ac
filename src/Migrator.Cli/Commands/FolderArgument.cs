using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Cli.Commands;

/// <summary>What names folders of a snapshot on a command line. A name that is none must not look as if its folder were empty.</summary>
internal static class FolderArgument
{
    private const string Name = "--folder";

    /// <param name="patterns">Globs; empty for all folders.</param>
    /// <exception cref="ConfigurationException">One of them matches no folder.</exception>
    public static FolderRules Rules(Snapshot snapshot, IReadOnlyList<string> patterns) =>
        Rules([.. snapshot.Folders.Where(folder => folder.Selectable).Select(folder => folder.Path)], patterns);

    /// <param name="there">The folders that there are.</param>
    /// <inheritdoc cref="Rules(Snapshot, IReadOnlyList{string})"/>
    public static FolderRules Rules(IReadOnlyList<FolderPath> there, IReadOnlyList<string> patterns)
    {
        var rules = FolderRules.All with { Include = patterns, EveryIncludeMatches = true };
        var misses = new FolderChoice(rules).Misses(there);
        return misses.Count == 0 ? rules : throw Wrong(misses);
    }

    /// <param name="text">One folder's path, not a pattern.</param>
    /// <exception cref="ConfigurationException">The snapshot has no such folder.</exception>
    public static FolderPath Path(Snapshot snapshot, string text)
    {
        FolderPath path;
        try
        {
            path = FolderPath.Parse(text);
        }
        catch (FormatException exception)
        {
            throw Wrong([exception.Message]);
        }
        List<FolderPath> there = [.. snapshot.Folders.Where(folder => folder.Selectable).Select(folder => folder.Path)];
        return there.Contains(path) ? path : throw Wrong([$"\"{text}\" is not a folder of the snapshot.{FolderChoice.Meant(text, there)}"]);
    }

    private static ConfigurationException Wrong(IEnumerable<string> messages) =>
        new("command line", [.. messages.Select(message => new ConfigurationError(Name, message))]);
}
