using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <param name="Name">Of the mailbox in its job.</param>
internal sealed record NamedBackup(string Name, BackupJob Job);
