using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>The file beside an export that holds what the format cannot: <c>migrator-export.jsonl</c>, a header line and
/// then one line of JSON for each message. Everything in it is meant to be read by others too.</summary>
internal static class ExportManifest
{
    public const int Version = 1;

    public const string Stem = "migrator-export";

    public const string File = Stem + ".jsonl";

    /// <summary>The sidecar, while it is put together.</summary>
    public const string Part = Stem + ".part";

    /// <summary>The messages so far. It is there from the beginning of an export to its end: where the sidecar is not, and
    /// this is, the export was interrupted.</summary>
    public const string Unfinished = Stem + ".unfinished";

    private static readonly JsonSerializerOptions s_options = new ExportManifestContext(
        new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        }
    ).Options;

    /// <summary>How a line is written and read.</summary>
    /// <typeparam name="T">One that <see cref="ExportManifestContext"/> names.</typeparam>
    public static JsonTypeInfo<T> Json<T>() => (JsonTypeInfo<T>)s_options.GetTypeInfo(typeof(T));
}

/// <summary>The first line.</summary>
/// <param name="MigratorExport">The version of this layout: 1.</param>
/// <param name="Format">mbox, maildir or eml.</param>
/// <param name="Written">When the export began.</param>
internal sealed record ExportManifestHeader(
    int MigratorExport,
    string Format,
    DateTimeOffset Written,
    IReadOnlyList<ExportManifestFolder> Folders
);

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
