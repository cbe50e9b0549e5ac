using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Migrator.Identity.Logins;

/// <summary>The address of this machine at which a browser ends after a login (RFC 8252, section 7.3): a free port of loopback.</summary>
internal sealed class LoopbackListener : IDisposable
{
    private readonly HttpListener _listener;

    private LoopbackListener(HttpListener listener, Uri address) => (_listener, Address) = (listener, address);

    public Uri Address { get; }

    public static LoopbackListener Start()
    {
        for (var tries = 1; ; tries++)
        {
            var address = new Uri($"http://127.0.0.1:{FreePort()}/");
            var listener = new HttpListener { Prefixes = { address.AbsoluteUri } };
            try
            {
                listener.Start();
                return new LoopbackListener(listener, address);
            }
            catch (HttpListenerException) when (tries < 10)
            {
                // Another program has taken the port in between.
                listener.Close();
            }
        }
    }

    /// <summary>Answers requests until one is accepted.</summary>
    /// <param name="accept">Null where a request is the one; otherwise why it is not.</param>
    public async Task<Uri> ReceiveAsync(Func<Uri, string?> accept, CancellationToken cancellationToken)
    {
        await using var stop = cancellationToken.Register(_listener.Abort);
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw;
            }
            var address = context.Request.Url!;
            // Browsers ask for an icon as well, and other pages may ask for anything.
            var refused = accept(address);
            await AnswerAsync(context.Response, refused);
            if (refused is null)
                return address;
        }
    }

    public void Dispose() => _listener.Close();

    private static async Task AnswerAsync(HttpListenerResponse response, string? refused)
    {
        var text = refused ?? "Migrator has received the answer. You can close this window and return to the terminal.";
        var page = Encoding.UTF8.GetBytes(
            $"<!doctype html><meta charset=\"utf-8\"><title>Migrator</title><p>{WebUtility.HtmlEncode(text)}</p>"
        );
        try
        {
            (response.StatusCode, response.ContentType, response.ContentLength64) = (
                refused is null ? (int)HttpStatusCode.OK : (int)HttpStatusCode.NotFound,
                "text/html; charset=utf-8",
                page.Length
            );
            // The address holds the code: it must not reach another site as the referring page.
            response.AddHeader("Referrer-Policy", "no-referrer");
            response.AddHeader("Cache-Control", "no-store");
            await response.OutputStream.WriteAsync(page);
            response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The browser is gone; what it has said counts.
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
