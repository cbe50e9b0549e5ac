using System.Net;
using System.Net.Sockets;
using System.Text;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Execution;

/// <summary>What a hostile client writes into the Host header of a real service: RFC 9112, section 3.2, and RFC 9110, section
/// 7.4.</summary>
public sealed class HostHeaderTests(DovecotFixture servers)
{
    private const int Malformed = 400;
    private const int NotOurs = 421;
    private const int TooLarge = 431;

    private static readonly string[] s_page = ["/", "/login", "/history", "/jobs/x", "/runs/1/report.json"];
    private static readonly string[] s_all =
    [
        .. s_page,
        "/login/provider",
        "/login/callback?code=x&state=y",
        "/_blazor/negotiate",
        "/dashboard/favicon.svg",
        "/nothing",
        "/metrics",
        "/health/live",
        "/health/ready",
        "/health/jobs",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The lines of a request after its first one, and what a page answers.</summary>
    private static readonly (string Version, string Headers, int Expected)[] s_hosts =
    [
        ("1.1", "", Malformed),
        ("1.1", "Host: localhost\r\nHost: localhost\r\n", Malformed),
        ("1.1", "Host: localhost\r\nHost: evil.example\r\n", Malformed),
        ("1.1", "Host: local host\r\n", Malformed),
        ("1.1", "Host: localhost/x\r\n", Malformed),
        ("1.1", "Host: ann@localhost\r\n", Malformed),
        ("1.1", "Host: localhost?x\r\n", Malformed),
        ("1.1", "Host: localhost:port\r\n", Malformed),
        ("1.1", "Host: localhost:99999\r\n", Malformed),
        ("1.1", "Host: localhost:99999999999999999999\r\n", Malformed),
        ("1.1", "Host: 127.0.0.1:70000\r\n", Malformed),
        ("1.1", "Host: [::1\r\n", Malformed),
        ("1.1", "Host: [::1]:99999\r\n", Malformed),
        ("1.1", "Host: [1:2]\r\n", Malformed),
        ("1.1", "Host: lo\xFFcalhost\r\n", Malformed),
        ("1.1", "Host: <script>\r\n", Malformed),
        ("1.1", "Host:\r\n", NotOurs),
        ("1.0", "", NotOurs),
        ("1.1", "Host: evil.example\r\n", NotOurs),
        ("1.1", "Host: 127.0.0.1.evil.example\r\n", NotOurs),
        ("1.1", "Host: 192.0.2.1:80\r\n", NotOurs),
        ("1.1", $"Host: {new string('a', 60)}.example\r\n", NotOurs),
        ("1.1", $"Host: {new string('a', 100_000)}\r\n", TooLarge),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_host_header_is_a_fault_of_the_service(bool asksForLogin)
    {
        await using var organisation = new Organisation(servers.Old, servers.New, 0, 0)
        {
            Environment = new Dictionary<string, string> { ["MIGRATOR_TEST_TOKEN"] = "a-token-that-nobody-guesses" },
        };
        using var service = organisation.ServeAt(out var url, asksForLogin ? ["--set", "Dashboard:Token=env:MIGRATOR_TEST_TOKEN"] : []);
        var port = new Uri(url).Port;
        await ServeTests.UntilAsync(service, async () => await StatusAsync(port, "/health/ready", "1.1", "Host: localhost\r\n") == 200);

        var wrong = new List<string>();
        foreach (var (version, headers, expected) in s_hosts)
        {
            foreach (var path in s_all)
            {
                var status = await StatusAsync(port, path, version, headers);
                // Some are refused by the server itself, as HTTP demands (400), the others by the page, which is not of that name.
                var isExpected = status == expected || (expected == Malformed && status == NotOurs);
                if (status is 0 or >= 500 || (!isExpected && (s_page.Contains(path) || expected == Malformed)))
                    wrong.Add($"{path} {version} {headers[..Math.Min(60, headers.Length)].TrimEnd()}: {status}, not {expected}");
            }
        }
        foreach (var length in new[] { 64, 256, 300, 5_000 })
        {
            if (await StatusAsync(port, "/", "1.1", $"Host: {new string('a', length)}\r\n") is not (Malformed or NotOurs) and var status)
                wrong.Add($"/ with a host of {length} letters: {status}");
        }
        Assert.Empty(wrong);
        // Monitors call by any address.
        Assert.Equal(200, await StatusAsync(port, "/health/ready", "1.0", ""));
        Assert.Equal(200, await StatusAsync(port, "/health/live", "1.1", "Host: 192.0.2.1:80\r\n"));

        service.Interrupt();
        var (_, output, errors) = await service.EndAsync();
        Assert.DoesNotContain("   at ", output + errors);
    }

    /// <returns>0 where there was no answer.</returns>
    private static async Task<int> StatusAsync(int port, string path, string version, string headers)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Stop);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/{version}\r\n{headers}Connection: close\r\n\r\n"), Stop);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var line = await reader.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Stop);
            return line?.Split(' ') is [_, var status, ..] ? int.Parse(status) : 0;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return 0;
        }
    }
}
