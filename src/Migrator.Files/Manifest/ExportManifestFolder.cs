using System.Text.Json.Serialization;
using Migrator.Core.Mail;

namespace Migrator.Files.Manifest;

/// <param name="Path">The text form of its path: names joined by <c>/</c>.</param>
/// <param name="Place">Its file (mbox) or directory, below the sidecar's directory, with <c>/</c>; null where it holds no messages of its
/// own (<c>\Noselect</c>).</param>
/// <param name="Use">The special use in lower case; null for none.</param>
/// <param name="Messages">Lines that follow about it.</param>
/// <param name="Bytes">The size of its mbox: what is behind was added by somebody else.</param>
internal sealed record ExportManifestFolder(
    string Path,
    bool Subscribed,
    UidValidity UidValidity,
    long Messages,
    string? Place = null,
    string? Use = null,
    [property: JsonPropertyName("octets")] long? Bytes = null
);
