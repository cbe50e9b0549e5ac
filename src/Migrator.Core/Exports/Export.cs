using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Core.Exports;

/// <summary>Writes a mailbox to where it can be read without this program.</summary>
/// <param name="source">One session; stays open.</param>
/// <param name="writer">A new one; stays open.</param>
public sealed class Export(IMailSource source, IMailboxWriter writer)
{
    /// <summary>Writes these folders. Once it returns they are durable; until then what was written says of itself that it is not
    /// complete.</summary>
    /// <param name="folders">As the source lists them.</param>
    /// <param name="progress">Gets one entry for each selectable folder.</param>
    /// <param name="cancellationToken">Cancelling leaves an unfinished export, to be removed.</param>
    /// <exception cref="StorageException"><see cref="Reason.ExportTarget"/>: something could not be written.</exception>
    /// <exception cref="MailException">Of scope <see cref="FailureScope.Session"/> or <see cref="FailureScope.Server"/>: the source is
    /// lost, and the export unfinished.</exception>
    public async Task<ExportReport> RunAsync(IReadOnlyList<MailFolder> folders, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase = "Copying";
        var parts = folders
            .Select(folder =>
                (Folder: folder, Progress: folder.Selectable ? progress.Add(folder.Path, folder.Path, folder.State?.Count ?? 0) : null)
            )
            .ToList();
        var (reports, failures) = (new List<FolderReport>(), new List<MessageFailure>());
        foreach (var (folder, counters) in parts)
        {
            if (counters is null)
            {
                writer.AddEmpty(folder);
                continue;
            }
            var failure = await new ExportFolder(source, folder, writer, counters, failures).RunAsync(cancellationToken);
            reports.Add(new FolderReport(folder.Path, folder.Path, counters.Counts, failure));
        }
        writer.Complete();
        return new ExportReport(reports, failures);
    }
}
