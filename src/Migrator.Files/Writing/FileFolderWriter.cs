using Migrator.Core.Exports;
using Migrator.Core.Mail;
using Migrator.Files.Bytes;
using Migrator.Files.Manifest;

namespace Migrator.Files.Writing;

/// <summary>Writes the messages of one folder in one format, and of each a line for the sidecar.</summary>
/// <param name="directory">Of the export.</param>
internal sealed class FileFolderWriter(
    string directory,
    MailFolder folder,
    UidValidity uidValidity,
    IFormatFolder files,
    ExportManifestWriter manifest
) : IFolderWriter
{
    private IByteSink? _message;
    private long _messages;

    private IByteSink Begun => _message ?? throw new InvalidOperationException("No message was begun.");

    public void Begin(DateTimeOffset? date) => _message = WriteErrors.Guarded(directory, () => files.Begin(date));

    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Begun.Write(bytes);
        }
        catch (Exception exception) when (WriteErrors.IsDisk(exception))
        {
            throw WriteErrors.Translated(directory, exception);
        }
    }

    public void Commit(MessageSummary message, ContentId content, long size) =>
        WriteErrors.Guarded(
            directory,
            () =>
            {
                Begun.End();
                var written = files.Commit(message, size);
                _message = null;
                manifest.Add(
                    new ExportManifestMessage(
                        folder.Path.ToString(),
                        message.Uid,
                        written.File,
                        size,
                        content.ToString(),
                        message.Flags.ToString(),
                        message.InternalDate,
                        written.Offset
                    )
                );
                _messages++;
            }
        );

    public void Abandon()
    {
        // What fails once a message is in its file does not take it back.
        if (_message is null)
            return;
        _message = null;
        WriteErrors.Guarded(directory, files.Abandon);
    }

    public void End()
    {
        var bytes = WriteErrors.Guarded(directory, files.End);
        manifest.Add(
            new ExportManifestFolder(
                folder.Path.ToString(),
                folder.Subscribed,
                uidValidity,
                _messages,
                files.Place,
                ExportManifestWriter.Name(folder.Use),
                bytes
            )
        );
    }

    public void Dispose() => files.Dispose();
}
