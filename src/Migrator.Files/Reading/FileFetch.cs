using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Mail;
using Migrator.Files.Bytes;
using Migrator.Files.Findings;
using Migrator.Files.Manifest;
using Migrator.Files.Mbox;
using Migrator.Files.Messages;

namespace Migrator.Files.Reading;

/// <summary>Hands messages in files to a receiver.</summary>
internal sealed class FileFetch(string root, IFormatReader reader, FileFindings findings, string place, IContentSink receiver)
{
    /// <exception cref="MailException"><see cref="Reason.SourceUnreadable"/>: one or several were not handed over; all the
    /// others were.</exception>
    public async Task RunAsync(
        IReadOnlyList<FolderContents.Slot> slots,
        IReadOnlyDictionary<Uid, ExportManifestMessage> exported,
        CancellationToken cancellationToken
    )
    {
        MailException? first = null;
        using var pump = new FilePump();
        foreach (var slot in slots)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (exported.TryGetValue(slot.Uid, out var message))
                    await HandOverAsync(pump, slot, message, cancellationToken);
                else
                    await HandOverAsync(pump, slot, cancellationToken);
            }
            catch (MailException exception) when (exception.Reason == Reason.SourceUnreadable)
            {
                first ??= exception;
            }
        }
        if (first is not null)
            throw first;
    }

    public static IReadOnlyDictionary<Uid, string> Subjects(
        string root,
        IFormatReader reader,
        IReadOnlyList<FolderContents.Slot> slots,
        IReadOnlyDictionary<Uid, ExportManifestMessage> exported,
        CancellationToken cancellationToken
    )
    {
        var subjects = new Dictionary<Uid, string>();
        using var pump = new FilePump();
        foreach (var slot in slots.Where(slot => slot.File is not null))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                pump.Open(Below(root, slot.File!));
                var stored =
                    !exported.TryGetValue(slot.Uid, out var message) ? reader.Open(pump, slot.Found)
                    : reader.IsMbox ? new MboxMessage(pump, new FoundMessage(slot.File!, message.Offset ?? 0, -1, Form: MessageForm.Quoted))
                    : new LooseMessage(pump, slot.File!);
                if (new MessageHead(MessageStart.Read(stored)).Subject is { } subject)
                    subjects[slot.Uid] = subject;
            }
            catch (MailException exception) when (exception.Reason == Reason.SourceUnreadable)
            {
                // Subjects are for reports, which can do without one.
            }
        }
        return subjects;
    }

    /// <summary>The message as it is now, where its file got another name since it was listed.</summary>
    public static FoundMessage Present(string root, IFormatReader reader, string place, FoundMessage message) =>
        RegularFile.Kind(Below(root, message.File)) == EntryKind.Missing && reader.Moved(place, message) is { } moved
            ? moved with
            {
                Stamp = message.Stamp,
            }
            : message;

    /// <exception cref="MailException"><see cref="Reason.FilesUnreadable"/>: it is not below the root. A sidecar comes from anywhere, and
    /// must not make a secret of this machine into mail.</exception>
    public static string Below(string root, string place)
    {
        var path = place.Contains('\0') ? "" : Path.GetFullPath(Path.Combine(root, place));
        // The root itself is a place: a Maildir's INBOX.
        if (
            place.Length > 0
            && !path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        )
            throw new MailException(
                Reason.FilesUnreadable,
                $"{Path.Combine(root, ExportManifest.File)}: it names {place}, which is not in this directory."
            );
        return path;
    }

    private async Task HandOverAsync(
        FilePump pump,
        FolderContents.Slot slot,
        ExportManifestMessage message,
        CancellationToken cancellationToken
    )
    {
        if (slot.File is null)
            throw new MailException(Reason.SourceUnreadable, $"{root}: {message.File} is missing; it was removed since it was exported.");
        // An mbox holds several messages: there the sidecar knows where this one begins.
        var path = Below(root, reader.IsMbox ? message.File : slot.File);
        pump.Open(path);
        if (!reader.IsMbox && pump.Length != message.Size)
            throw Changed(message);
        var content = receiver.Open(message.Uid, message.Size);
        try
        {
            using var hashed = new HashingByteSink(new StreamByteSink(content), message.Size);
            pump.Run(new FoundMessage(path, message.Offset ?? 0, -1), Stored(hashed), () => hashed.IsFull, cancellationToken);
            if (!hashed.IsFull || !hashed.Finish().ToString().Equals(message.Sha256, StringComparison.OrdinalIgnoreCase))
                throw Changed(message);
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
        await receiver.CompleteAsync(message.Uid, content, null, cancellationToken);
    }

    /// <summary>Of another program: read twice, because its size with CRLF must be known before its first byte.</summary>
    private async Task HandOverAsync(FilePump pump, FolderContents.Slot slot, CancellationToken cancellationToken)
    {
        var found = Present(root, reader, place, slot.Found);
        pump.Open(Below(root, found.File), found.Stamp);
        var stored = reader.Open(pump, found);
        var lines = new LineCount();
        stored.Run(lines, null, cancellationToken);
        var carriageReturns = stored.MayHaveCarriageReturns && lines is { LineFeeds: 0, CarriageReturns: > 0 };
        var size = lines.Count + (carriageReturns ? lines.CarriageReturns : lines.Bare);
        var content = receiver.Open(slot.Uid, size);
        try
        {
            using var hashed = new HashingByteSink(new StreamByteSink(content), size);
            stored.Run(carriageReturns ? new CrToCrlfByteSink(hashed) : new CrlfByteSink(hashed), null, cancellationToken);
            pump.ShouldBeUnchanged();
            if (hashed.Offered != size)
                throw new MailException(
                    Reason.SourceUnreadable,
                    $"{pump.Path}: it was changed while it was read. Import again once nothing writes to it."
                );
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
        await receiver.CompleteAsync(slot.Uid, content, null, cancellationToken);
        stored.Report(findings, lines.Count);
        if (carriageReturns && !reader.IsMbox)
            findings.Add(FileFinding.CarriageReturns, found.File);
    }

    private IByteSink Stored(IByteSink message) => reader.IsMbox ? new AfterFirstLine(new MboxQuoting(message, unquote: true)) : message;

    private MailException Changed(ExportManifestMessage message) =>
        new(
            Reason.SourceUnreadable,
            $"{root}: {message.File}, message {message.Uid}: the file was changed since it was exported. To import the files as "
                + $"they are now, remove {ExportManifest.File}."
        );
}
