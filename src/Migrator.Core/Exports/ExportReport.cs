using Migrator.Core.Reports;

namespace Migrator.Core.Exports;

/// <summary>How an export ended.</summary>
/// <param name="Folders">In the order given; the target of each is its own path.</param>
/// <param name="Failures">Every message that the source lists and did not give.</param>
public sealed record ExportReport(IReadOnlyList<FolderReport> Folders, IReadOnlyList<MessageFailure> Failures)
{
    public MessageCounts Total => Folders.Aggregate(new MessageCounts(), (sum, folder) => sum + folder.Counts);

    /// <summary>Every message found is in the files, or was removed at the source meanwhile.</summary>
    public bool IsComplete => Failures.Count == 0 && Folders.All(folder => folder.Failure is null);
}
