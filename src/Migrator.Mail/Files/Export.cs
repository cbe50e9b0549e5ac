using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Core.Reports;

namespace Migrator.Mail.Files;

/// <summary>Writes a mailbox into local files, from which <see cref="FileSource"/> gives back the same mailbox and other mail
/// programs read it too.</summary>
/// <param name="source">One session; stays open.</param>
/// <param name="directory">Empty, or not there yet.</param>
/// <param name="time">For what is named after the moment of writing.</param>
public sealed class Export(IMailSource source, string directory, FileFormat format, TimeProvider time)
{
    /// <summary>Writes these folders. Once it returns they are durable; until then the directory says of itself that it is not
    /// complete.</summary>
    /// <param name="folders">As the source lists them.</param>
    /// <param name="progress">Gets one entry for each selectable folder.</param>
    /// <param name="cancellationToken">Cancelling leaves an unfinished export, to be removed.</param>
    /// <exception cref="StorageException"><see cref="Reason.ExportTarget"/>: the directory is not empty, or a file could not be
    /// written.</exception>
    /// <exception cref="MailException">Of scope <see cref="FailureScope.Session"/> or <see cref="FailureScope.Server"/>: the source is
    /// lost, and the export unfinished.</exception>
    public async Task<ExportReport> RunAsync(IReadOnlyList<MailFolder> folders, RunProgress progress, CancellationToken cancellationToken)
    {
        var written = time.GetUtcNow();
        using var sidecar = Disk(directory, () => Prepare(written));
        IFormatWriter writer = format switch
        {
            FileFormat.Mbox => new MboxWriter(directory),
            FileFormat.Maildir => new MaildirWriter(directory, written),
            _ => new EmlWriter(directory),
        };
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
                sidecar.Add(
                    new ExportManifestFolder(folder.Path.ToString(), folder.Subscribed, 0, 0, Use: ExportManifestWriter.Name(folder.Use))
                );
                continue;
            }
            var part = new ExportFolder(source, folder, directory, writer, sidecar, counters, failures);
            var failure = await part.RunAsync(cancellationToken);
            reports.Add(new FolderReport(folder.Path, folder.Path, counters.Counts, failure));
        }
        Disk(
            directory,
            () =>
            {
                writer.End([.. folders.Where(folder => folder.Subscribed).Select(folder => folder.Path)]);
                sidecar.Complete();
                return true;
            }
        );
        return new ExportReport(reports, failures);
    }

    /// <summary>Says in our words what the disk did not do. Done at each write: a source into which an
    /// <see cref="IOException"/> goes would take it for a lost connection.</summary>
    internal static T Disk<T>(string directory, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(Reason.ExportTarget, $"{directory}: writing failed: {exception.Message}", exception);
        }
    }

    private ExportManifestWriter Prepare(DateTimeOffset written)
    {
        if (File.Exists(directory))
            throw new StorageException(Reason.ExportTarget, $"{directory}: this is a file, not a directory.");
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            var what = File.Exists(Path.Combine(directory, ExportManifest.Unfinished))
                ? "an export that was interrupted is in it"
                : "it is not empty";
            throw new StorageException(Reason.ExportTarget, $"{directory}: {what}. Nothing was written.");
        }
        PrivateFiles.CreateDirectory(directory);
        return new ExportManifestWriter(directory, format, written);
    }
}
