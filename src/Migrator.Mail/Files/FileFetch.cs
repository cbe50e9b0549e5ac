using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Hands messages in files to a receiver.</summary>
internal sealed class FileFetch(string root, IFormatReader reader, IContentReceiver receiver)
{
    /// <exception cref="MailException"><see cref="Reason.SourceUnreadable"/>: one or several were not handed over; all the
    /// others were.</exception>
    public async Task RunAsync(IReadOnlyList<FolderContents.Slot> slots, IReadOnlyDictionary<uint, SidecarMessage> exported, CancellationToken cancellationToken)
    {
        MailException? first = null;
        using var pump = new FilePump();
        foreach (var slot in slots)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (exported.TryGetValue(slot.Uid, out var message))
                    await HandOverAsync(pump, slot, message, cancellationToken).ConfigureAwait(false);
                else
                    await HandOverAsync(pump, slot, cancellationToken).ConfigureAwait(false);
            }
            catch (MailException exception) when (exception.Reason == Reason.SourceUnreadable)
            {
                first ??= exception;
            }
        }
        if (first is not null)
            throw first;
    }

    public static IReadOnlyDictionary<uint, string> Subjects(
        string root, IFormatReader reader, IReadOnlyList<FolderContents.Slot> slots, IReadOnlyDictionary<uint, SidecarMessage> exported, CancellationToken cancellationToken)
    {
        var subjects = new Dictionary<uint, string>();
        using var pump = new FilePump();
        foreach (var slot in slots.Where(slot => slot.File is not null))
        {
            var octets = new FirstOctets(MessageHead.MaxLength);
            try
            {
                pump.Open(Below(root, slot.File!));
                var found = exported.TryGetValue(slot.Uid, out var message) ? new FoundMessage(slot.File!, message.Offset ?? 0, -1) : slot.Found;
                pump.Run(found, reader.IsMbox ? new AfterFirstLine(octets) : octets, () => octets.HasHeader, cancellationToken);
            }
            catch (MailException exception) when (exception.Reason == Reason.SourceUnreadable)
            {
                // Subjects are for reports, which can do without one.
                continue;
            }
            if (new MessageHead(octets.Kept).Subject is { } subject)
                subjects[slot.Uid] = subject;
        }
        return subjects;
    }

    /// <exception cref="MailException"><see cref="Reason.FilesUnreadable"/>: it is not below the root. A sidecar comes from anywhere, and
    /// must not make a secret of this machine into mail.</exception>
    public static string Below(string root, string place)
    {
        var path = Path.GetFullPath(Path.Combine(root, place));
        // The root itself is a place: a Maildir's INBOX.
        if (place.Length > 0 && !path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new MailException(Reason.FilesUnreadable, $"{Path.Combine(root, Sidecar.File)}: it names {place}, which is not in this directory.");
        return path;
    }

    private async Task HandOverAsync(FilePump pump, FolderContents.Slot slot, SidecarMessage message, CancellationToken cancellationToken)
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
            using var hashed = new HashedOctets(new StreamOctets(content), message.Size);
            pump.Run(new FoundMessage(path, message.Offset ?? 0, -1), Stored(hashed), () => hashed.IsFull, cancellationToken);
            if (!hashed.IsFull || !hashed.Finish().ToString().Equals(message.Sha256, StringComparison.OrdinalIgnoreCase))
                throw Changed(message);
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await receiver.CompleteAsync(message.Uid, content, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Of another program: read twice, because its size with CRLF must be known before its first octet.</summary>
    private async Task HandOverAsync(FilePump pump, FolderContents.Slot slot, CancellationToken cancellationToken)
    {
        pump.Open(Below(root, slot.File!));
        var found = slot.Found with { Length = slot.Length < 0 ? pump.Length : slot.Length };
        var counted = new CountedOctets();
        pump.Run(found, Stored(new CrlfOctets(counted)), null, cancellationToken);
        var content = receiver.Open(slot.Uid, counted.Count);
        try
        {
            using var hashed = new HashedOctets(new StreamOctets(content), counted.Count);
            pump.Run(found, Stored(new CrlfOctets(hashed)), null, cancellationToken);
            if (hashed.Offered != counted.Count)
                throw new MailException(Reason.SourceUnreadable, $"{root}: {slot.File} was changed while it was read.");
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await receiver.CompleteAsync(slot.Uid, content, null, cancellationToken).ConfigureAwait(false);
    }

    private IOctets Stored(IOctets message) => reader.IsMbox ? new AfterFirstLine(new MboxQuoting(message, unquote: true)) : message;

    private MailException Changed(SidecarMessage message) => new(Reason.SourceUnreadable,
        $"{root}: {message.File}, message {message.Uid}: the file was changed since it was exported. To import the files as they are now, remove {Sidecar.File}.");
}
