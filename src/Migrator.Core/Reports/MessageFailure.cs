using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <param name="Subject">Null where the message has none or it could not be read.</param>
public sealed record MessageFailure(FolderPath Folder, Uid Uid, string? Subject, long Size, Failure Failure)
{
    /// <summary>The file that the message is in, of an import: its UID is only a number in a row. Null elsewhere.</summary>
    public string? File { get; init; }
}
