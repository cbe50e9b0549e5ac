using System.Text.Json.Serialization;
using Migrator.Core.Mail;

namespace Migrator.Core.Runs;

/// <summary>What reading both ends and comparing them, message by message, showed.</summary>
public sealed record VerifyReport(
    string Job,
    string Source,
    string Target,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    IReadOnlyList<FolderComparison> Folders,
    IReadOnlyList<Difference> Differences,
    IReadOnlyList<string> Notices)
{
    /// <summary>Which kind of run it proves.</summary>
    public Operation Operation { get; init; }

    /// <summary>How many differences there are of each kind. <see cref="Differences"/> lists so many of each only.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<DifferenceKind, long> DifferenceCounts => new Dictionary<DifferenceKind, long>
    {
        [DifferenceKind.Folder] = Folders.Count(folder => !folder.TargetExists),
        [DifferenceKind.Missing] = Folders.Sum(folder => folder.Missing),
        [DifferenceKind.Content] = Folders.Sum(folder => folder.Altered),
        [DifferenceKind.Flags] = Folders.Sum(folder => folder.FlagsDiffer),
        [DifferenceKind.InternalDate] = Folders.Sum(folder => folder.DatesDiffer),
        [DifferenceKind.Extra] = Folders.Sum(folder => folder.Extra),
        [DifferenceKind.Duplicate] = Folders.Sum(folder => folder.Duplicates),
    };

    /// <summary>Nothing is missing or altered at the target. Messages that only the target has do not count against it.</summary>
    public bool Identical => Stopped is null && Folders.All(folder => folder.Identical);

    /// <summary>Messages that the target moved to other folders: there, flags and dates were not compared.</summary>
    public long Moved { get; init; }

    /// <summary>Why it ended before all folders were compared; null where it did not.</summary>
    public Failure? Stopped { get; init; }
}

/// <param name="Source">The source folders that go to this target folder: mostly one.</param>
/// <param name="SourceMessages">Messages read at the source.</param>
/// <param name="TargetMessages">Messages read at the target.</param>
/// <param name="SourceOctets">Octets read and hashed at the source.</param>
/// <param name="Matched">Messages whose octets are the same at both ends, one to one; with several of the source for one of the target where the job accepts that. What the
/// target moved to another folder counts here and in <paramref name="TargetMessages"/> as if it had stayed.</param>
/// <param name="Missing">At the source only.</param>
/// <param name="Altered">At both ends with other octets.</param>
/// <param name="FlagsDiffer">Of the matched, those with other flags.</param>
/// <param name="DatesDiffer">Of the matched, those with another INTERNALDATE.</param>
/// <param name="Extra">At the target only.</param>
public sealed record FolderComparison(
    IReadOnlyList<FolderPath> Source, FolderPath Target, bool TargetExists,
    long SourceMessages, long TargetMessages, long SourceOctets,
    long Matched, long Missing, long Altered, long FlagsDiffer, long DatesDiffer, long Extra)
{
    /// <summary>At the target once more than they were sent, by the record of the run that sent them.</summary>
    public long Duplicates { get; init; }

    /// <summary>Why the folder could not be compared; null where it could.</summary>
    public Failure? Failure { get; init; }

    public bool Identical => Failure is null && TargetExists && Duplicates == 0 && Missing == 0 && Altered == 0 && FlagsDiffer == 0 && DatesDiffer == 0;
}
