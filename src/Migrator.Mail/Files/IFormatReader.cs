using Migrator.Core.Mail;

namespace Migrator.Mail.Files;

/// <summary>Finds mail in files of one format, whoever wrote them.</summary>
internal interface IFormatReader
{
    /// <summary>A message begins with a separator line and is quoted, as in an mbox.</summary>
    bool IsMbox { get; }

    /// <summary>Every folder below the root. What is no mail goes to <paramref name="passedOver"/>.</summary>
    IEnumerable<FoundFolder> Find(ICollection<string> passedOver);

    /// <summary>The messages of a folder, in a stable order.</summary>
    /// <param name="from">Where to begin in a file that holds several.</param>
    List<FoundMessage> Scan(string place, long from, CancellationToken cancellationToken);

    /// <summary>By which a message is found again: what stays the same when another program changes its flags.</summary>
    string Key(string file, long offset);

    /// <summary>What the files themselves say about a message; null where it is gone.</summary>
    MessageSummary? Describe(uint uid, string place, FoundMessage message);

    /// <summary>The flags of an exported message, of which another program may have changed some.</summary>
    /// <param name="file">Its file now.</param>
    FlagSet Changed(SidecarMessage exported, string file);
}

/// <param name="Place">Its file or directory below the root, with <c>/</c>.</param>
/// <param name="Subscribed">Null where the format does not tell.</param>
internal sealed record FoundFolder(FolderPath Path, string Place, bool? Subscribed);

/// <param name="File">Below the root, with <c>/</c>.</param>
/// <param name="Offset">Where it begins in the file: at its separator line in an mbox.</param>
/// <param name="Length">In octets, as it is stored; the whole file where that is negative.</param>
internal readonly record struct FoundMessage(string File, long Offset, long Length);
