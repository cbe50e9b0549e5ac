using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Xunit;

namespace Migrator.Tests.Servers;

/// <summary>A real proxy on a free loopback port: microsocks for SOCKS5, tinyproxy for HTTP. It has one user.</summary>
public sealed class RealProxy : IAsyncDisposable
{
    public const string User = "proxy-user",
        Password = "proxy-pass-7Hd2";

    private readonly DirectoryInfo _directory;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private RealProxy(ProxyKind kind, DirectoryInfo directory, Process process, int port)
    {
        (_directory, _process) = (directory, process);
        Server = new ProxyServer(kind, "127.0.0.1", port, User, new SecretReference(SecretSource.Env, "UNUSED"));
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public ProxyServer Server { get; }

    /// <summary>Skips the test where the proxy is not installed.</summary>
    /// <param name="allowed">The only port that it connects to; null for all. For HTTP alone.</param>
    public static async Task<RealProxy> StartAsync(ProxyKind kind, int? allowed = null)
    {
        var program = kind == ProxyKind.Socks5 ? "/usr/bin/microsocks" : "/usr/bin/tinyproxy";
        Assert.SkipUnless(File.Exists(program), $"{program} is not installed: run eng/install-test-servers.sh.");
        for (var attempt = 1; ; attempt++)
        {
            var (directory, port) = (Directory.CreateTempSubdirectory("proxy"), DovecotServer.FreePorts(1)[0]);
            var file = Path.Combine(directory.FullName, "tinyproxy.conf");
            await File.WriteAllTextAsync(
                file,
                $"""
                Port {port}
                Listen 127.0.0.1
                Timeout 600
                LogLevel Connect
                Allow 127.0.0.1
                BasicAuth {User} {Password}
                {(allowed is null ? "" : $"ConnectPort {allowed}")}

                """
            );
            string[] arguments =
                kind == ProxyKind.Socks5 ? ["-i", "127.0.0.1", "-p", $"{port}", "-u", User, "-P", Password] : ["-d", "-c", file];
            var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
            )!;
            var proxy = new RealProxy(kind, directory, process, port);
            if (await proxy.AnswersAsync(port))
                return proxy;
            await proxy.DisposeAsync();
            if (attempt == 3)
                throw new InvalidOperationException($"{program} did not start: {string.Join('\n', proxy._lines)}");
        }
    }

    /// <summary>Waits until the proxy's log says that it has connected to this port so many times.</summary>
    public async Task CarriedAsync(int port, int times, CancellationToken stop)
    {
        while (_lines.Count(line => line.Contains($":{port}", StringComparison.Ordinal)) < times)
            await Task.Delay(20, stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<bool> AnswersAsync(int port)
    {
        for (var tries = 0; tries < 200 && !_process.HasExited; tries++)
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
                await Task.Delay(25);
            }
        }
        return false;
    }
}
