using Migrator.Core.Reports;

namespace Migrator.App.Formatting;

/// <summary>A total and what it is made of, shown so that a reader can check the sum.</summary>
public sealed record Tally(string Name, long Total, IReadOnlyList<(string Name, long Count)> Parts)
{
    public static Tally Of(MessageCounts counts) => new("found", counts.Found,
    [
        ("delivered", counts.Delivered), ("already there", counts.AlreadyThere), ("vanished", counts.Vanished),
        ("skipped by rule", counts.Skipped), ("failed", counts.Failed), ("not reached", counts.Remaining),
    ]);

    public static IReadOnlyList<Tally> Of(VerifyReport report)
    {
        long Sum(Func<FolderComparison, long> count) => report.Folders.Sum(count);
        var (matched, altered) = (Sum(folder => folder.Matched), Sum(folder => folder.Altered));
        return
        [
            new("source", Sum(folder => folder.SourceMessages), [("same", matched), ("altered", altered), ("missing", Sum(folder => folder.Missing))]),
            new("target", Sum(folder => folder.TargetMessages), [("same", matched), ("altered", altered), ("extra", Sum(folder => folder.Extra))]),
        ];
    }

    /// <summary>"found 12 = delivered 10 + already there 0 + … + not reached 0": every part, also those that are 0, for
    /// only then is it plain that nothing was left out.</summary>
    public override string ToString() =>
        $"{Name} {Format.Count(Total)} = {string.Join(" + ", Parts.Select(part => $"{part.Name} {Format.Count(part.Count)}"))}";

    /// <summary>"12 found = 10 delivered + 2 failed": only the parts that are there.</summary>
    public string Short()
    {
        var parts = Parts.Where(part => part.Count != 0).Select(part => $"{Format.Count(part.Count)} {part.Name}").ToArray();
        return $"{Format.Count(Total)} {Name}" + (parts.Length == 0 ? "" : " = " + string.Join(" + ", parts));
    }
}
