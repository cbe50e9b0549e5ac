using System.Net;

namespace Migrator.Tests.Servers;

/// <summary>Gives every request the same answer: for what Azure Storage says and Azurite cannot be brought to say.</summary>
public sealed class StubHttpServer : IDisposable
{
    private readonly HttpListener _listener = new();

    /// <param name="errorCode">Empty for none.</param>
    /// <param name="headers">Besides.</param>
    public StubHttpServer(int status, string errorCode, string body = "", IReadOnlyDictionary<string, string>? headers = null)
    {
        Endpoint = new Uri($"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}/");
        _listener.Prefixes.Add(Endpoint.ToString());
        _listener.Start();
        _ = AnswerAsync(status, errorCode, body, headers ?? new Dictionary<string, string>());
    }

    public Uri Endpoint { get; }

    public void Dispose() => _listener.Close();

    private async Task AnswerAsync(int status, string errorCode, string body, IReadOnlyDictionary<string, string> headers)
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                await context.Request.InputStream.CopyToAsync(Stream.Null);
                context.Response.StatusCode = status;
                if (errorCode.Length > 0)
                    context.Response.Headers["x-ms-error-code"] = errorCode;
                foreach (var (name, value) in headers)
                    context.Response.Headers[name] = value;
                context.Response.Close(
                    context.Request.HttpMethod == "HEAD" ? [] : System.Text.Encoding.UTF8.GetBytes(body),
                    willBlock: false
                );
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
