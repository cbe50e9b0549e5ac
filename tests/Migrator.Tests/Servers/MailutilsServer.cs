using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Migrator.Tests.Servers;

/// <summary>GNU mailutils over mbox files: no keywords, another UIDVALIDITY at each look at an empty folder, no UIDPLUS, literals only
/// after asking. Needs root, and what eng/install-test-servers.sh installs.</summary>
public static class MailutilsServer
{
    private const string Imap4d = "/opt/migrator-test-servers/mailutils/usr/sbin/imap4d";

    /// <summary>Skips the test where it cannot run.</summary>
    public static async Task<OtherServer> StartAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root", "imap4d runs as root only.");
        Assert.SkipUnless(File.Exists(Imap4d), "GNU mailutils are not installed: run eng/install-test-servers.sh as root.");
        var directory = Directory.CreateTempSubdirectory("mailutils").FullName;
        var port = DovecotServer.FreePorts(1)[0];
        foreach (var name in new[] { "domains", "spool", "home" })
            Directory.CreateDirectory(Path.Combine(directory, name));
        await File.WriteAllTextAsync(
            $"{directory}/imap4d.conf",
            $$"""
            mode daemon;
            foreground yes;
            logging { syslog no; };
            mailbox { mail-spool "{{directory}}/spool"; mailbox-type mbox; };
            auth { authentication generic; authorization virtdomain; };
            virtdomain { passwd-dir "{{directory}}/domains"; };
            tcp-wrappers { enable no; };
            tls-mode false;
            server 127.0.0.1:{{port.ToString(CultureInfo.InvariantCulture)}} { tls-mode false; };

            """
        );
        await File.WriteAllTextAsync(
            $"{directory}/start",
            $"""
            chmod 755 {directory}
            printf '{OtherServer.User}:%s:%s:%s:{OtherServer.User}:{directory}/home:/bin/sh:{directory}/spool/{OtherServer.User}\n' \
                "$(openssl passwd -1 {DovecotServer.Password})" "$(id -u nobody)" "$(id -g nobody)" > {directory}/domains/localhost
            # imap4d appends to INBOX only once somebody has opened it, which makes this file.
            touch {directory}/home/INBOX
            chown -R nobody:nogroup {directory}/home {directory}/spool
            exec {Imap4d} --config-file={directory}/imap4d.conf

            """
        );
        return await OtherServer.StartAsync(
            directory,
            new ProcessStartInfo("sh", ["-e", $"{directory}/start"]),
            port,
            $"{OtherServer.User}@localhost"
        );
    }
}
