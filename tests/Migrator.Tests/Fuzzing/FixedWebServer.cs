using System.Net;

namespace Migrator.Tests.Fuzzing;

/// <summary>Every web server answers with these bytes.</summary>
/// <param name="content">By the path of the request.</param>
internal sealed class FixedWebServer(Func<string, byte[]> content) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var bytes = content(request.RequestUri!.AbsolutePath);
        // A token server refuses by a code and a status.
        var status = bytes.AsSpan().IndexOf("\"error\""u8) >= 0 ? HttpStatusCode.BadRequest : HttpStatusCode.OK;
        var answer = new HttpResponseMessage(status) { Content = new ByteArrayContent(bytes), RequestMessage = request };
        answer.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return Task.FromResult(answer);
    }
}
