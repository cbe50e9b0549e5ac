using System.Diagnostics;
using System.Net.Sockets;

namespace Migrator.Tests.Servers;

/// <summary>A real IMAP server of one mailbox on a free loopback port, plaintext, in a directory of its own. It ends with the process that
/// was started.</summary>
public sealed class OtherServer : IAsyncDisposable
{
    public const string User = "ann";

    private readonly string _directory;
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private OtherServer(string directory, Process process, int port, string login)
    {
        (_directory, _process, Port, Login) = (directory, process, port, login);
        // Read, or a full pipe would stop the server.
        (_output, _errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    public int Port { get; }

    /// <summary>What the user logs in as.</summary>
    public string Login { get; }

    /// <param name="directory">Is the server's from now on, and removed with it.</param>
    public static async Task<OtherServer> StartAsync(string directory, ProcessStartInfo start, int port, string login)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var server = new OtherServer(directory, Process.Start(start)!, port, login);
        for (var tries = 0; ; tries++)
        {
            try
            {
                await using var imap = await server.LogInAsync();
                return server;
            }
            catch (Exception exception) when (exception is SocketException or IOException && !server._process.HasExited && tries < 400)
            {
                // Not there yet: nothing tells when it is, so it is asked again.
                await Task.Delay(25);
            }
            catch
            {
                var errors = server._errors;
                await server.DisposeAsync();
                throw new InvalidOperationException($"{start.FileName} did not start: {await errors}");
            }
        }
    }

    public Task<RawImap> LogInAsync() => RawImap.LogInAsync(Port, Login, DovecotServer.Password);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await Task.WhenAll(_output, _errors);
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
