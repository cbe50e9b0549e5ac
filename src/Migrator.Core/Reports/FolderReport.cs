using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Core.Reports;

/// <param name="Target">Null for a folder left out by rule.</param>
/// <param name="Failure">Why the folder as a whole failed; null where it did not.</param>
public sealed record FolderReport(FolderPath Source, FolderPath? Target, MessageCounts Counts, Failure? Failure);
