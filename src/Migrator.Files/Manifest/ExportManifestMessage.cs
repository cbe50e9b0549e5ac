using Migrator.Core.Mail;

namespace Migrator.Files.Manifest;

/// <param name="File">Below the sidecar's directory, with <c>/</c>.</param>
/// <param name="Offset">Of the separator line, in an mbox.</param>
/// <param name="Size">In bytes, without anything that the format added.</param>
/// <param name="Sha256">64 hexadecimal digits, of the same bytes.</param>
/// <param name="Flags">As IMAP writes them, with a blank between.</param>
/// <param name="InternalDate">With its own offset.</param>
internal sealed record ExportManifestMessage(
    string Folder,
    Uid Uid,
    string File,
    long Size,
    string Sha256,
    string Flags,
    DateTimeOffset InternalDate,
    long? Offset = null
);
