using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>A message of a target folder that the target had before it was delivered.</summary>
/// <param name="Trashed">It lies in the target's trash or spam, and is about to be deleted.</param>
internal readonly record struct EarlierCopy(Uid Uid, bool Trashed);
