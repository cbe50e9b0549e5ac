using Migrator.Files.Disk;

namespace Migrator.Files.Messages;

/// <param name="File">Below the root, with <c>/</c>.</param>
/// <param name="Offset">Where it begins in the file: at its separator line in an mbox.</param>
/// <param name="Length">In bytes, as it is stored; the whole file where that is negative.</param>
/// <param name="Stamp">Of the file when it was listed; default where nothing rests on it.</param>
internal readonly record struct FoundMessage(
    string File,
    long Offset,
    long Length,
    FileStamp Stamp = default,
    MessageForm Form = MessageForm.Plain
);
