using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Folders;

/// <summary>The folder rules do not fit the two mailboxes; every problem is named.</summary>
public sealed class FolderPlanException(IReadOnlyList<string> obstacles, IReadOnlyList<FolderProblem> problems)
    : MigratorException(Reason.FoldersDoNotFit, string.Join(Environment.NewLine, obstacles))
{
    /// <summary>Every one, as text.</summary>
    public IReadOnlyList<string> Obstacles { get; } = obstacles;

    public override string Detail => string.Join(' ', Obstacles);

    /// <summary>Those of them that are about one folder.</summary>
    public IReadOnlyList<FolderProblem> Problems { get; } = problems;

    /// <exception cref="FolderPlanException">A pattern of folders.include matches none of these, and that is an error.</exception>
    public static void ThrowIfMissed(FolderChoice choice, IEnumerable<MailFolder> folders)
    {
        if (choice.Misses([.. folders.Where(folder => folder.Selectable).Select(folder => folder.Path)]) is { Count: > 0 } misses)
            throw new FolderPlanException([.. misses.Select(miss => $"folders.include: {miss}")], []);
    }
}
