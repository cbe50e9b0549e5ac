using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

internal sealed class MbsyncPeer : IPeer
{
    public string Name => "mbsync";

    public async Task<Measured> MeasureAsync(DovecotServer old, string from, DovecotServer @new, string to, string directory)
    {
        var config = Path.Combine(directory, "mbsyncrc");
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
                SyncState {directory}/

                """
        );
        await File.WriteAllTextAsync(Path.Combine(directory, "old.pem"), old.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "new.pem"), @new.Certificate.ExportCertificatePem());
        var copy = await Timed.RunAsync("/usr/bin/mbsync", ["-c", config, "-a"]);
        return new Measured(copy.Time, (await Timed.RunAsync("/usr/bin/mbsync", ["-c", config, "-a"])).Time, null, copy.Peak);
    }

    public static string Account(string name, DovecotServer server, string user, string directory) =>
        $"""
            IMAPAccount {name}
            Host localhost
            Port {server.ImapsPort}
            User {user}
            Pass {DovecotServer.Password}
            SSLType IMAPS
            CertificateFile {directory}/{name}.pem

            IMAPStore {name}
            Account {name}


            """;
}
