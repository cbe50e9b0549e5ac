using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Migrator.Tests.Servers;

/// <summary>Hoodiecrow (npm), in memory: no LIST-EXTENDED, a parser of its own for everything. Needs Node.js, and what
/// eng/install-test-servers.sh installs.</summary>
public static class HoodiecrowServer
{
    private static readonly string[] s_homes =
    [
        "/opt/migrator-test-servers/hoodiecrow",
        $"{Environment.GetEnvironmentVariable("HOME")}/.cache/migrator-test-servers/hoodiecrow",
    ];

    /// <summary>Skips the test where it cannot run.</summary>
    public static async Task<OtherServer> StartAsync()
    {
        var module = s_homes.Select(home => $"{home}/node_modules/hoodiecrow-imap").FirstOrDefault(Directory.Exists);
        Assert.SkipWhen(module is null, "Hoodiecrow is not installed: run eng/install-test-servers.sh.");
        var directory = Directory.CreateTempSubdirectory("hoodiecrow").FullName;
        var port = DovecotServer.FreePorts(1)[0];
        await File.WriteAllTextAsync(
            $"{directory}/server.js",
            $$"""
            const server = require('{{module}}')({
              plugins: ['ID', 'NAMESPACE', 'UNSELECT', 'UIDPLUS', 'LITERALPLUS', 'SPECIAL-USE', 'AUTH-PLAIN', 'SASL-IR'],
              storage: { INBOX: {}, '': { separator: '/', folders: {} } },
            });
            server.users = { {{OtherServer.User}}: { password: '{{DovecotServer.Password}}' } };
            server.listen({{port.ToString(CultureInfo.InvariantCulture)}}, '127.0.0.1');

            """
        );
        return await OtherServer.StartAsync(directory, new ProcessStartInfo("node", [$"{directory}/server.js"]), port, OtherServer.User);
    }
}
