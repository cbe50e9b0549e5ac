using Migrator.Core.Exports;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Files.Manifest;

namespace Migrator.Files.Writing;

/// <summary>Writes a mailbox into local files, from which <c>FileSource</c> gives back the same mailbox and other mail
/// programs read it too.</summary>
public sealed class FileMailboxWriter : IMailboxWriter
{
    private readonly string _directory;
    private readonly IFormatWriter _format;
    private readonly ExportManifestWriter _manifest;
    private readonly List<FolderPath> _subscribed = [];

    private FileMailboxWriter(string directory, IFormatWriter format, ExportManifestWriter manifest) =>
        (_directory, _format, _manifest) = (directory, format, manifest);

    /// <param name="directory">Empty, or not there yet.</param>
    /// <param name="time">For what is named after the moment of writing.</param>
    /// <exception cref="StorageException"><see cref="Reason.ExportTarget"/>: the directory is not empty, or cannot be written
    /// to.</exception>
    public static FileMailboxWriter Create(string directory, FileFormat format, TimeProvider time)
    {
        var written = time.GetUtcNow();
        var manifest = WriteErrors.Guarded(directory, () => Prepare(directory, format, written));
        IFormatWriter writer = format switch
        {
            FileFormat.Mbox => new MboxWriter(directory),
            FileFormat.Maildir => new MaildirWriter(directory, written),
            _ => new EmlWriter(directory),
        };
        return new FileMailboxWriter(directory, writer, manifest);
    }

    public IFolderWriter Begin(MailFolder folder, UidValidity uidValidity)
    {
        NoteSubscription(folder);
        var files = WriteErrors.Guarded(_directory, () => _format.Begin(folder.Path, uidValidity));
        return new FileFolderWriter(_directory, folder, uidValidity, files, _manifest);
    }

    public void AddEmpty(MailFolder folder)
    {
        NoteSubscription(folder);
        _manifest.Add(
            new ExportManifestFolder(folder.Path.ToString(), folder.Subscribed, 0, 0, Use: ExportManifestWriter.Name(folder.Use))
        );
    }

    public void Complete() =>
        WriteErrors.Guarded(
            _directory,
            () =>
            {
                _format.End(_subscribed);
                _manifest.Complete();
            }
        );

    public void Dispose() => _manifest.Dispose();

    private static ExportManifestWriter Prepare(string directory, FileFormat format, DateTimeOffset written)
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

    private void NoteSubscription(MailFolder folder)
    {
        if (folder.Subscribed)
            _subscribed.Add(folder.Path);
    }
}
