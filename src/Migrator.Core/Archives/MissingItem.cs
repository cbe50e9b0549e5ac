using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <param name="Uid">Null where the folder as a whole, or the rest of the run, is meant.</param>
public sealed record MissingItem(FolderPath? Folder, Uid? Uid, Failure Failure);
