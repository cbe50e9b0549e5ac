using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Migrator.Tests.Servers;

/// <summary>Azurite, Microsoft's own double of Azure Storage, on a free loopback port and in a directory of its own.</summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    /// <summary>The account and the key that every Azurite has; published by Microsoft, and no secret.</summary>
    public const string Account = "devstoreaccount1",
        Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const string Program = "azurite-blob";

    private readonly DirectoryInfo _directory;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log;
    private static int s_containers;

    private AzuriteServer(DirectoryInfo directory, Process process, int port, ConcurrentQueue<string> log) =>
        (_directory, _process, Endpoint, _log) = (directory, process, new Uri($"http://127.0.0.1:{port}/{Account}"), log);

    public Uri Endpoint { get; }

    public string ConnectionString => $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint={Endpoint};";

    /// <summary>The requests that it has logged for these containers, such as "GET /account/container/name HTTP/1.1".</summary>
    public IReadOnlyList<string> Requests(params IEnumerable<string> containers) =>
        [
            .. _log.Select(line => line.Split('"'))
                .Where(parts => parts.Length > 2)
                .Select(parts => parts[1])
                .Where(request =>
                    containers.Any(container => request.Split('/', '?', ' ') is [_, _, _, var name, ..] && name == container)
                ),
        ];

    public static string NewContainer() => $"archive{Interlocked.Increment(ref s_containers)}";

    public const string NotInstalled = "Azurite is not installed: run eng/install-test-servers.sh; it needs npm.";

    public static bool IsInstalled => Find() is not null;

    public static async Task<AzuriteServer> StartAsync()
    {
        var program = Find() ?? throw new InvalidOperationException(NotInstalled);
        for (var attempt = 1; ; attempt++)
        {
            var directory = Directory.CreateTempSubdirectory("azurite");
            var port = DovecotServer.FreePorts(1)[0];
            var process = Process.Start(
                new ProcessStartInfo(
                    program,
                    [
                        "--blobHost",
                        "127.0.0.1",
                        "--blobPort",
                        $"{port}",
                        "--location",
                        directory.FullName,
                        "--disableTelemetry",
                        "--skipApiVersionCheck",
                    ]
                )
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                }
            )!;
            var log = new ConcurrentQueue<string>();
            process.OutputDataReceived += (_, line) => log.Enqueue(line.Data ?? "");
            process.BeginOutputReadLine();
            var errors = process.StandardError.ReadToEndAsync();
            if (await AcceptsAsync(process, port))
                return new AzuriteServer(directory, process, port, log);
            process.Kill();
            var said = string.Join('\n', log) + await errors;
            directory.Delete(recursive: true);
            if (attempt == 3)
                throw new InvalidOperationException($"Azurite did not start: {said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Killed, not asked: what it would still write is removed with its directory.
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>Where eng/install-test-servers.sh puts it, then on PATH.</summary>
    private static string? Find()
    {
        const string installed = "migrator-test-servers/azurite/node_modules/.bin";
        string[] directories =
        [
            $"/opt/{installed}",
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", installed),
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        ];
        return RuntimeInformation.IsOSPlatform(OSPlatform.Windows)
            ? null
            : directories.Select(directory => Path.Combine(directory, Program)).FirstOrDefault(File.Exists);
    }

    private static async Task<bool> AcceptsAsync(Process process, int port)
    {
        // It takes seconds to load on a busy machine.
        for (var tries = 0; tries < 1200 && !process.HasExited; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                // Not there yet: nothing tells when it is, so it is asked again.
            }
            await Task.Delay(50);
        }
        return false;
    }
}
