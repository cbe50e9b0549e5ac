using System.Text.Json.Serialization;
using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <param name="Source">The source folders that go to this target folder: mostly one.</param>
/// <param name="SourceMessages">Messages read at the source.</param>
/// <param name="TargetMessages">Messages read at the target.</param>
/// <param name="SourceBytes">Bytes read and hashed at the source.</param>
/// <param name="Matched">Messages whose bytes are the same at both ends, one to one; with several of the source for one of the target
/// where the job accepts that. What the target moved to another folder counts here and in <paramref name="TargetMessages"/> as if it had
/// stayed. What was rewritten in a way that is accepted counts here, too.</param>
/// <param name="Missing">At the source only.</param>
/// <param name="Altered">At both ends with other bytes.</param>
/// <param name="FlagsDiffer">Of the matched, those with other flags.</param>
/// <param name="DatesDiffer">Of the matched, those with another INTERNALDATE.</param>
/// <param name="Extra">At the target only.</param>
public sealed record FolderComparison(
    IReadOnlyList<FolderPath> Source,
    FolderPath Target,
    bool TargetExists,
    long SourceMessages,
    long TargetMessages,
    long SourceBytes,
    long Matched,
    long Missing,
    long Altered,
    long FlagsDiffer,
    long DatesDiffer,
    long Extra
)
{
    /// <summary>At the target once more than they were sent, by the record of the run that sent them.</summary>
    public long Duplicates { get; init; }

    /// <summary>Of the missing, those that are in the trash or spam of the target.</summary>
    public long Trashed { get; init; }

    /// <summary>At the source, left out by the rules of the job, and not compared.</summary>
    public long LeftOut { get; init; }

    /// <summary>Of the matched, those that were rewritten in a way that the comparison was asked to accept.</summary>
    public RewriteCounts Tolerated { get; init; }

    /// <summary>Why the folder could not be compared, or not all of it; null where it could.</summary>
    public Failure? Failure { get; init; }

    public bool Identical =>
        Failure is null && TargetExists && Duplicates == 0 && Missing == 0 && Altered == 0 && FlagsDiffer == 0 && DatesDiffer == 0;
}
