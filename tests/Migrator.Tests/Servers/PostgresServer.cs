using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace Migrator.Tests.Servers;

/// <summary>A PostgreSQL of its own, on a free loopback port, as a user that is not root.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string Password = "pg-pass-7Jw2";

    // Debian's package makes this user; PostgreSQL refuses to run as root.
    private const string User = "postgres";
    private static readonly bool s_root = Environment.UserName == "root";
    private static int s_databases;

    private readonly DirectoryInfo _directory;
    private Process _process;

    private PostgresServer(DirectoryInfo directory, Process process, int port) => (_directory, _process, Port) = (directory, process, port);

    public int Port { get; }

    public static bool IsInstalled => Programs() is not null;

    /// <exception cref="InvalidOperationException">It is not installed, or does not start.</exception>
    public static Task<PostgresServer> StartAsync() => StartAsync(null);

    /// <param name="certificate">With its key; null for a server without TLS.</param>
    public static async Task<PostgresServer> StartAsync(X509Certificate2? certificate)
    {
        var programs = Programs() ?? throw new InvalidOperationException("PostgreSQL is not installed: run eng/install-test-servers.sh.");
        var directory = Directory.CreateTempSubdirectory("postgres");
        var password = Path.Combine(directory.FullName, "password");
        await File.WriteAllTextAsync(password, Password);
        if (certificate is not null)
        {
            await File.WriteAllTextAsync(CertificateOf(directory), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(KeyOf(directory), certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
            File.SetUnixFileMode(KeyOf(directory), UnixFileMode.UserRead);
        }
        if (s_root)
            await RunAsync("chown", "-R", User, directory.FullName);
        await RunAsync(
            AsUser(
                Path.Combine(programs, "initdb"),
                "-D",
                Path.Combine(directory.FullName, "data"),
                "-U",
                "migrator",
                "--auth=scram-sha-256",
                $"--pwfile={password}",
                "--encoding=UTF8",
                "--locale=C"
            )
        );
        for (var attempt = 1; ; attempt++)
        {
            var port = DovecotServer.FreePorts(1)[0];
            var server = new PostgresServer(directory, Start(directory, port), port);
            if (await server.AcceptsAsync())
                return server;
            if (attempt == 3)
                throw new InvalidOperationException("PostgreSQL did not start.");
        }
    }

    /// <summary>A database that nothing else uses.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref s_databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    public string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=migrator;Password={Password};Database={database};Maximum Pool Size=20";

    /// <summary>Ends every connection, as when the database's machine is restarted.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _process = Start(_directory, Port);
        if (!await AcceptsAsync())
            throw new InvalidOperationException("PostgreSQL did not start again.");
    }

    public async Task StopAsync()
    {
        // "Fast shutdown": it ends its connections and writes everything down.
        await RunAsync("kill", "-INT", $"{_process.Id}");
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public async Task StartAgainAsync()
    {
        _process = Start(_directory, Port);
        if (!await AcceptsAsync())
            throw new InvalidOperationException("PostgreSQL did not start again.");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }

    private static Process Start(DirectoryInfo directory, int port)
    {
        string[] command = AsUser([
            Path.Combine(Programs()!, "postgres"),
            "-D",
            Path.Combine(directory.FullName, "data"),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            $"port={port}",
            "-c",
            $"unix_socket_directories={directory.FullName}",
            "-c",
            "max_connections=300",
            "-c",
            "shared_buffers=64MB",
            "-c",
            "logging_collector=on",
            .. File.Exists(KeyOf(directory))
                ? ["-c", "ssl=on", "-c", $"ssl_cert_file={CertificateOf(directory)}", "-c", $"ssl_key_file={KeyOf(directory)}"]
                : Array.Empty<string>(),
        ]);
        return Process.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = directory.FullName,
            }
        )!;
    }

    private static string CertificateOf(DirectoryInfo directory) => Path.Combine(directory.FullName, "server.pem");

    private static string KeyOf(DirectoryInfo directory) => Path.Combine(directory.FullName, "server.key");

    private static string[] AsUser(params string[] command) =>
        s_root ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", .. command] : command;

    private static string? Programs() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .Select(version => Path.Combine(version, "bin"))
                .Where(bin => File.Exists(Path.Combine(bin, "initdb")))
                .Order(StringComparer.Ordinal)
                .LastOrDefault()
            : null;

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = "/",
            }
        )!;
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command[0]} failed: {said}");
    }

    private async Task<bool> AcceptsAsync()
    {
        for (var tries = 0; tries < 600 && !_process.HasExited; tries++)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                // Not there yet: nothing tells when it is, so it is asked again.
            }
            await Task.Delay(50);
        }
        return false;
    }
}
