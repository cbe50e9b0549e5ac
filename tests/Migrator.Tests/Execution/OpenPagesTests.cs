using System.Net.WebSockets;
using Migrator.App.Output;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Execution;

public sealed class OpenPagesTests(DovecotFixture servers)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_that_are_open_and_reconnect_take_no_time_from_mailboxes_that_are_to_stop()
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 1, 1);
        var never = new TaskCompletionSource();
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort) { HoldUp = () => never.Task };
        organisation.WriteJob(sourcePort: proxy.Port);
        using var service = organisation.ServeAt(out var url);
        var connected = new TaskCompletionSource();
        var pages = Enumerable
            .Range(0, 8)
            .Select(_ => StayAsync(new Uri(url.Replace("http", "ws") + "/_blazor"), service, connected))
            .ToArray();
        await connected.Task.WaitAsync(TimeSpan.FromMinutes(2), Stop);
        await organisation.RunAsync("jobs", "trigger", "move");
        await ServeTests.UntilAsync(service, async () => (await ServeTests.StatesAsync(organisation)).Single() == "running");

        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();

        Assert.True(code == ExitCode.Success, $"{code}: {output}{errors}");
        Assert.Equal("waiting", Assert.Single(await ServeTests.StatesAsync(organisation)));
        await Task.WhenAll(pages);
    }

    /// <summary>As a page does: whenever its connection is closed, it reconnects.</summary>
    private static async Task StayAsync(Uri address, MigratorProcess service, TaskCompletionSource connected)
    {
        while (!service.HasEnded)
        {
            try
            {
                using var socket = new ClientWebSocket();
                await socket.ConnectAsync(address, Stop);
                await socket.SendAsync(
                    "{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray(),
                    WebSocketMessageType.Binary,
                    true,
                    Stop
                );
                connected.TrySetResult();
                while (socket.State == WebSocketState.Open)
                    await socket.ReceiveAsync(new byte[1000], Stop);
            }
            catch (WebSocketException)
            {
                // Not there yet, or not any more.
                await Task.Delay(5, Stop);
            }
        }
    }
}
