using System.Net.Sockets;
using System.Text;
using Migrator.App.Output;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>What systemd is notified of. Its process is not to be seen here, as with <c>ProtectProc=invisible</c> in the unit.</summary>
public sealed class SystemdTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("systemd");

    public void Dispose() => _state.Delete(recursive: true);

    [Theory]
    [InlineData(null, "<6>")]
    [InlineData("Json", "{\"time\":")]
    public async Task Systemd_is_notified_that_the_service_has_started_and_that_it_stops(string? format, string begins)
    {
        var address = Path.Combine(_state.FullName, "notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(address));
        using var service = MigratorProcess.StartWith(
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = address },
            _state.FullName,
            "serve",
            "--set",
            $"JobsDirectory={_state.FullName}",
            "--set",
            $"Dashboard:Urls=http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}",
            "--set",
            $"Logging:Format={format}"
        );

        Assert.Equal("READY=1", await HeardAsync(socket));
        service.Signal("TERM");
        Assert.Equal("STOPPING=1", await HeardAsync(socket));
        var (code, output, errors) = await service.EndAsync();

        Assert.True(code == ExitCode.Success, $"{code}: {output}{errors}");
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith(begins, line));
        Assert.Contains("has stopped", output);
    }

    private static async Task<string> HeardAsync(Socket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        var bytes = new byte[1000];
        return Encoding.UTF8.GetString(bytes, 0, await socket.ReceiveAsync(bytes, limit.Token));
    }
}
