using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>What mbsync is to do.</summary>
internal static class MbsyncConfiguration
{
    /// <param name="name">Of the file.</param>
    /// <returns>The file of a copy of one mailbox.</returns>
    public static async Task<string> WriteAsync(string directory, Link old, string from, Link @new, string to, string name = "mbsyncrc")
    {
        var config = Path.Combine(directory, name);
        await File.WriteAllTextAsync(
            config,
            Account("old", old, from, directory)
                + Account("new", @new, to, directory)
                + $"""
                Channel c
                Far :old:
                Near :new:
                Patterns *
                Create Near
                Sync Pull
                CopyArrivalDate yes
                SyncState {config}-

                """
        );
        await File.WriteAllTextAsync(Path.Combine(directory, "old.pem"), old.Server.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "new.pem"), @new.Server.Certificate.ExportCertificatePem());
        return config;
    }

    private static string Account(string name, Link link, string user, string directory) =>
        $"""
            IMAPAccount {name}
            Host localhost
            Port {link.ImapsPort}
            User {user}
            Pass {DovecotServer.Password}
            SSLType IMAPS
            CertificateFile {directory}/{name}.pem

            IMAPStore {name}
            Account {name}


            """;
}
