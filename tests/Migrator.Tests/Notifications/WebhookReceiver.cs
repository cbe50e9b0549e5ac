using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Migrator.Tests.Notifications;

/// <summary>A program that is notified, on loopback.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    /// <summary>As chat services have it in their addresses.</summary>
    public const string Token = "T024-webhook-token-9fQx";

    private readonly WebApplication _application;
    private readonly List<Post> _received = [];
    private readonly Queue<HttpStatusCode> _answers = [];

    private WebhookReceiver(WebApplication application) => _application = application;

    public string Url => $"{_application.Urls.Single()}/hooks/{Token}";

    public IReadOnlyList<Post> Received
    {
        get
        {
            lock (_received)
                return [.. _received];
        }
    }

    /// <summary>What the next posts are answered; then 204.</summary>
    public void DeliveryResult(params HttpStatusCode[] codes)
    {
        lock (_received)
            Array.ForEach(codes, _answers.Enqueue);
    }

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        var receiver = new WebhookReceiver(builder.Build());
        receiver._application.MapPost($"/hooks/{Token}", receiver.TakeAsync);
        receiver._application.MapFallback(context =>
        {
            context.Response.StatusCode = 418;
            return Task.CompletedTask;
        });
        await receiver._application.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        lock (_received)
        {
            _received.Add(
                new Post(
                    body.ToArray(),
                    context.Request.ContentType,
                    context.Request.Headers["Migrator-Delivery"].ToString(),
                    context.Request.Headers["Migrator-Signature"].ToString()
                )
            );
            context.Response.StatusCode = (int)(_answers.TryDequeue(out var code) ? code : HttpStatusCode.NoContent);
        }
        if (context.Response.StatusCode is >= 300 and < 400)
            context.Response.Headers.Location = "/elsewhere";
    }

    internal sealed record Post(byte[] Body, string? ContentType, string Delivery, string Signature);
}
