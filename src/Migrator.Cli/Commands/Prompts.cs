using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Cli.Commands;

/// <summary>Whether a job asks for a secret at the terminal.</summary>
internal static class Prompts
{
    public static bool Of(Job job) => References(job).Any(reference => reference?.Source == SecretSource.Prompt);

    private static IEnumerable<SecretReference?> References(Job job) =>
        job switch
        {
            MigrateJob migrate => [.. Of(migrate.Source), .. Of(migrate.Target)],
            BackupJob backup => [.. Of(backup.Source), .. Of(backup.Archive)],
            UpkeepJob upkeep => Of(upkeep.Archive),
            _ => [],
        };

    private static IEnumerable<SecretReference?> Of(MailServer server) =>
        [server.Password, server.Proxy?.Password, server.ClientCertificate?.Password, .. server.Tokens?.Secrets ?? []];

    private static SecretReference?[] Of(ArchiveReference archive) =>
        [archive.ConnectionString, archive.Sas, archive.ControlStoreSas, archive.Passphrase, archive.RecoveryKey];
}
