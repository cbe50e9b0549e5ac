using System.Net;

namespace Migrator.Tests.Servers;

/// <summary>Gives every request the same answer: for what Azure Storage says and Azurite cannot be brought to say.</summary>
public sealed class CannedAnswers : IDisposable
{
    private readonly HttpListener _listener = new();

    public CannedAnswers(int status, string errorCode)
    {
        Endpoint = new Uri($"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}/");
        _listener.Prefixes.Add(Endpoint.ToString());
        _listener.Start();
        _ = AnswerAsync(status, errorCode);
    }

    public Uri Endpoint { get; }

    public void Dispose() => _listener.Close();

    private async Task AnswerAsync(int status, string errorCode)
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                await context.Request.InputStream.CopyToAsync(Stream.Null);
                context.Response.StatusCode = status;
                context.Response.Headers["x-ms-error-code"] = errorCode;
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
