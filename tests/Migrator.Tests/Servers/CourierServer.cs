using System.Diagnostics;
using Xunit;

namespace Migrator.Tests.Servers;

/// <summary>Courier: every folder below INBOX, levels without a folder, no UIDNEXT in SELECT, no LIST-STATUS. Needs root, and what
/// eng/install-test-servers.sh installs.</summary>
public static class CourierServer
{
    private const string Home = "/opt/migrator-test-servers/courier";

    /// <summary>Skips the test where Courier cannot run.</summary>
    public static async Task<OtherServer> StartAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Courier runs as root only.");
        Assert.SkipUnless(
            File.Exists($"{Home}/usr/sbin/couriertcpd") && Directory.Exists("/etc/courier"),
            "Courier is not installed: run eng/install-test-servers.sh as root."
        );
        var directory = Directory.CreateTempSubdirectory("courier").FullName;
        var port = DovecotServer.FreePorts(1)[0];
        foreach (var name in new[] { "etc", "run/authdaemon", "mail" })
            Directory.CreateDirectory(Path.Combine(directory, name));
        await File.WriteAllTextAsync(
            $"{directory}/etc/authdaemonrc",
            $"authmodulelist=\"authuserdb\"\nauthmodulelistorig=\"authuserdb\"\ndaemons=5\nauthdaemonvar=/run/courier/authdaemon\n"
        );
        await File.WriteAllTextAsync($"{directory}/start", Script(directory, port));
        // Courier's places are fixed, and another test may run a server of its own: each sees its own files in them. What is started dies
        // with unshare.
        return await OtherServer.StartAsync(
            directory,
            new ProcessStartInfo(
                "unshare",
                ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-e", $"{directory}/start"]
            ),
            port,
            OtherServer.User
        );
    }

    private static string Script(string directory, int port) =>
        $$"""
            mkdir -p /run/courier
            mount --bind {{directory}}/etc /etc/courier
            mount --bind {{directory}}/run /run/courier
            mount --bind {{Home}}/usr/lib/courier-authlib /usr/lib/courier-authlib
            mount --bind {{Home}}/usr/lib/courier /usr/lib/courier
            export LD_LIBRARY_PATH={{Home}}/usr/lib
            chmod 755 {{directory}} {{directory}}/run/authdaemon
            {{Home}}/usr/bin/maildirmake.courier {{directory}}/mail/Maildir
            chown -R nobody:nogroup {{directory}}/mail
            password=$(openssl passwd -1 {{DovecotServer.Password}})
            printf '{{OtherServer.User}}\tuid=%s|gid=%s|home={{directory}}/mail|shell=/bin/false|systempw=%s|imappw=%s\n' \
                "$(id -u nobody)" "$(id -g nobody)" "$password" "$password" > /etc/courier/userdb
            chmod 600 /etc/courier/userdb
            perl {{Home}}/usr/sbin/makeuserdb
            /usr/lib/courier/courier-authlib/authdaemond &
            until [ -S /run/courier/authdaemon/socket ]; do sleep 0.02; done
            set -a
            . {{Home}}/etc/courier/imapd
            IMAP_EMPTYTRASH=
            set +a
            exec {{Home}}/usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=100 -maxperip=100 -nodnslookup -noidentlookup {{port}} \
                /usr/lib/courier/courier/imaplogin {{Home}}/usr/bin/imapd Maildir

            """;
}
