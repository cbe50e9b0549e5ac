using System.Net;
using System.Net.Sockets;
using Migrator.Core.Discovery;
using Migrator.Discovery.Dns;

namespace Migrator.Discovery.Autoconfig;

/// <summary>Fetches files for Thunderbird, over https alone.</summary>
internal sealed class AutoconfigClient : IDisposable
{
    private const int MostRedirects = 3;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(8);

    private readonly HttpClient _http;

    /// <param name="handler">Through which web servers are reached; null for the system's.</param>
    /// <param name="dns">Finds their addresses; null for the system.</param>
    public AutoconfigClient(HttpMessageHandler? handler, DnsQuestions? dns) =>
        _http = new HttpClient(handler ?? Handler(dns))
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AutoconfigReader.Longest,
        };

    public async Task<AutoconfigAnswer> GetAsync(Uri file, MailboxAddress address, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_limit);
        try
        {
            return await FollowAsync(file, address, limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return AutoconfigAnswer.Failed("the web server did not answer in time");
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => AutoconfigAnswer.Missing("there is no such web server"),
                HttpRequestError.ConnectionError => AutoconfigAnswer.Missing("no web server answers there"),
                HttpRequestError.SecureConnectionError => AutoconfigAnswer.Refused("the web server's certificate is not trusted"),
                HttpRequestError.ConfigurationLimitExceeded => AutoconfigAnswer.Refused("the answer is too long"),
                _ => AutoconfigAnswer.Failed("the connection to the web server failed"),
            };
        }
        catch (IOException)
        {
            return AutoconfigAnswer.Failed("the connection to the web server failed");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<AutoconfigAnswer> FollowAsync(Uri file, MailboxAddress address, CancellationToken stop)
    {
        for (var redirect = 0; redirect <= MostRedirects; redirect++)
        {
            using var response = await _http.GetAsync(file, stop);
            if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is not { } location)
                return response.StatusCode switch
                {
                    HttpStatusCode.OK => AutoconfigReader.Read(await response.Content.ReadAsStreamAsync(stop), address),
                    HttpStatusCode.NotFound or HttpStatusCode.Gone => AutoconfigAnswer.Missing("there is no such file"),
                    >= HttpStatusCode.InternalServerError and var status => AutoconfigAnswer.Failed(Words(status)),
                    var status => AutoconfigAnswer.Refused(Words(status)),
                };
            file = new Uri(file, location);
            // Anyone between could write the answer to anything else.
            if (file.Scheme != Uri.UriSchemeHttps)
                return AutoconfigAnswer.Refused("the web server redirects to an address that is not https");
            if (file.UserInfo.Length > 0)
                return AutoconfigAnswer.Refused("the web server redirects to an address with a password");
        }
        return AutoconfigAnswer.Refused("the web server redirects without end");

        static string Words(HttpStatusCode status) => $"the web server answers with HTTP {(int)status}";
    }

    private static SocketsHttpHandler Handler(DnsQuestions? dns)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxResponseHeadersLength = 16,
        };
        if (dns is not null)
            handler.ConnectCallback = (context, stop) => ConnectAsync(context.DnsEndPoint, dns, stop);
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint server, DnsQuestions dns, CancellationToken stop)
    {
        IReadOnlyList<IPAddress> addresses = IPAddress.TryParse(server.Host, out var literal)
            ? [literal]
            : await dns.AddressesAsync(server.Host, stop);
        if (addresses.Count == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        // Tries one after the other.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. addresses], server.Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
