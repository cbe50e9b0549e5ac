using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace Migrator.Tests.Servers;

/// <summary>A real Cyrus on a free loopback port: another server with other customs (INBOX prefix, refusals, 8-bit headers
/// changed). Needs root, and what eng/install-test-servers.sh installs.</summary>
public sealed class CyrusServer : IAsyncDisposable
{
    private const string Imapd = "/opt/migrator-test-servers/cyrus/usr/lib/cyrus/bin/imapd";
    private const string Master = "/usr/lib/cyrus/bin/master";
    private const string Admin = "cyrus";

    /// <summary>Who may open the mailboxes of others.</summary>
    public const string ProxyAdmin = "proxy-admin";

    private readonly string _directory;
    private readonly Process _process;

    private CyrusServer(string directory, Process process, int[] ports, X509Certificate2 certificate) =>
        (_directory, _process, Port, ImapsPort, Certificate) = (directory, process, ports[0], ports[1], certificate);

    /// <summary>Plaintext.</summary>
    public int Port { get; }

    public int ImapsPort { get; }

    public X509Certificate2 Certificate { get; }

    public string Fingerprint => Certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    /// <summary>Skips the test where Cyrus cannot run.</summary>
    /// <param name="users">Each with an empty mailbox and the usual password.</param>
    public static async Task<CyrusServer> StartAsync(params string[] users)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Cyrus runs as root only.");
        Assert.SkipUnless(File.Exists(Imapd) && File.Exists(Master), "Cyrus is not installed: run eng/install-test-servers.sh as root.");
        var directory = Directory.CreateTempSubdirectory("cyrus").FullName;
        var (ports, certificate) = (DovecotServer.FreePorts(2), TestCertificates.SelfSigned("localhost"));
        await ConfigureAsync(directory, ports, certificate);
        await GivePasswordAsync(directory, Admin);
        await GivePasswordAsync(directory, ProxyAdmin);
        await RunAsync($"chown -R cyrus:mail {directory}");
        // In a process group of its own: when it is ended, it ends all of its group, and with it any other Cyrus there.
        var process = Process.Start(
            new ProcessStartInfo(
                "setsid",
                [Master, "-C", $"{directory}/imapd.conf", "-M", $"{directory}/cyrus.conf", "-p", $"{directory}/run/master.pid"]
            )
        )!;
        var server = new CyrusServer(directory, process, ports, certificate);
        try
        {
            foreach (var user in users)
                await server.AddUserAsync(user);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>With the messages of all users.</summary>
    public string SpoolDirectory => Path.Combine(_directory, "spool");

    /// <summary>With an empty mailbox and the usual password.</summary>
    public async Task AddUserAsync(string user)
    {
        await GivePasswordAsync(_directory, user);
        await using var admin = await LogInAsync(Admin);
        await admin.RunAsync($"CREATE user/{user}");
    }

    /// <summary>Sets how much a user's mailbox may hold.</summary>
    public async Task LimitAsync(string user, int kibibytes)
    {
        await using var admin = await LogInAsync(Admin);
        await admin.RunAsync($"SETQUOTA user/{user} (STORAGE {kibibytes})");
    }

    public async Task<RawImap> LogInAsync(string user)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await RawImap.LogInAsync(Port, user, DovecotServer.Password);
            }
            catch (Exception exception) when (tries < 200 && exception is SocketException or IOException)
            {
                // Not there yet: nothing tells when it is, so it is asked again.
                await Task.Delay(50);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        // One that has ended meanwhile is what is wanted.
        await RunAsync($"kill -TERM {_process.Id.ToString(CultureInfo.InvariantCulture)} || true");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // It waits for its services, and one of them for a client.
            var id = _process.Id.ToString(CultureInfo.InvariantCulture);
            await RunAsync($"pkill -KILL -P {id}; kill -KILL {id}");
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static Task GivePasswordAsync(string directory, string user) =>
        RunAsync($"echo {DovecotServer.Password} | saslpasswd2 -p -c -f {directory}/sasldb2 -u localhost {user}");

    private static async Task ConfigureAsync(string directory, int[] ports, X509Certificate2 certificate)
    {
        foreach (var name in new[] { "conf", "spool", "sock", "run" })
            Directory.CreateDirectory(Path.Combine(directory, name));
        await File.WriteAllTextAsync(
            $"{directory}/cert.pem",
            $"{certificate.ExportCertificatePem()}\n{certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n"
        );
        await File.WriteAllTextAsync(
            $"{directory}/imapd.conf",
            $"""
            configdirectory: {directory}/conf
            partition-default: {directory}/spool
            defaultpartition: default
            admins: {Admin}
            proxyservers: {ProxyAdmin}
            servername: localhost
            defaultdomain: localhost
            virtdomains: no
            sasl_pwcheck_method: auxprop
            sasl_auxprop_plugin: sasldb
            sasl_sasldb_path: {directory}/sasldb2
            sasl_mech_list: PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512
            allowplaintext: yes
            unixhierarchysep: yes
            altnamespace: no
            lmtpsocket: {directory}/sock/lmtp
            idlesocket: {directory}/sock/idle
            notifysocket: {directory}/sock/notify
            master_pid_file: {directory}/run/master.pid
            proc_path: {directory}/run/proc
            mboxname_lockpath: {directory}/run/lock
            tls_server_cert: {directory}/cert.pem
            tls_server_key: {directory}/cert.pem

            """
        );
        await File.WriteAllTextAsync(
            $"{directory}/cyrus.conf",
            $$"""
            START {
              recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -C {{directory}}/imapd.conf -r"
            }
            SERVICES {
              imap cmd="{{Imapd}} -C {{directory}}/imapd.conf" listen="127.0.0.1:{{ports[0]}}" prefork=1
              imaps cmd="{{Imapd}} -s -C {{directory}}/imapd.conf" listen="127.0.0.1:{{ports[1]}}" prefork=1
            }
            EVENTS {
            }

            """
        );
    }

    private static async Task RunAsync(string command)
    {
        using var process = Process.Start("/bin/sh", ["-c", command]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
