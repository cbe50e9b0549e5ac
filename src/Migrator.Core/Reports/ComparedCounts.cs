namespace Migrator.Core.Reports;

/// <summary>What comparing both ends showed, of one folder or of several. The names are those of <see cref="FolderComparison"/>.</summary>
public readonly record struct ComparedCounts(
    long SourceMessages,
    long TargetMessages,
    long Matched,
    long Missing,
    long Altered,
    long FlagsDiffer,
    long DatesDiffer,
    long Duplicates,
    long Extra,
    long Tolerated = 0
)
{
    public static ComparedCounts operator +(ComparedCounts a, ComparedCounts b) =>
        new(
            a.SourceMessages + b.SourceMessages,
            a.TargetMessages + b.TargetMessages,
            a.Matched + b.Matched,
            a.Missing + b.Missing,
            a.Altered + b.Altered,
            a.FlagsDiffer + b.FlagsDiffer,
            a.DatesDiffer + b.DatesDiffer,
            a.Duplicates + b.Duplicates,
            a.Extra + b.Extra,
            a.Tolerated + b.Tolerated
        );

    public static ComparedCounts Of(FolderComparison folder) =>
        new(
            folder.SourceMessages,
            folder.TargetMessages,
            folder.Matched,
            folder.Missing,
            folder.Altered,
            folder.FlagsDiffer,
            folder.DatesDiffer,
            folder.Duplicates,
            folder.Extra,
            folder.Tolerated.Messages
        );

    public static ComparedCounts Of(VerifyReport report) =>
        report.Folders.Aggregate(default(ComparedCounts), (sum, folder) => sum + Of(folder));
}
