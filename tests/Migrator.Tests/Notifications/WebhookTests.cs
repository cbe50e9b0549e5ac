using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Migrator.Core.Failures;
using Migrator.Service.Notifications;
using Xunit;

namespace Migrator.Tests.Notifications;

/// <summary>Programs that are told.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly NotificationHost _office = new();
    private WebhookReceiver _receiver = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _receiver = await WebhookReceiver.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _office.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_webhook_gets_json_that_it_can_trust()
    {
        await NotifyAsync(
            ("Webhooks:0", _office.Secret("hook", _receiver.Url + "\n")),
            ("WebhookSecret", _office.Secret("secret", "hush-hush-11"))
        );

        var post = Assert.Single(_receiver.Received);
        Assert.Equal("application/json; charset=utf-8", post.ContentType);
        Assert.Equal(
            $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("hush-hush-11"), post.Body))}",
            post.Signature
        );
        var json = JsonDocument.Parse(post.Body).RootElement;
        Assert.Equal(
            ("jobRun.finished", 2, "nightly", "failed"),
            (
                json.GetProperty("event").GetString(),
                json.GetProperty("version").GetInt32(),
                json.GetProperty("job").GetString(),
                json.GetProperty("outcome").GetString()
            )
        );
        Assert.Equal(json.GetProperty("id").GetString(), post.Delivery);
        var mailbox = json.GetProperty("notComplete")[0];
        Assert.Equal(
            ("ann", "failed", "authentication-failed"),
            (mailbox.GetProperty("mailbox").GetString(), mailbox.GetProperty("state").GetString(), mailbox.GetProperty("code").GetString())
        );
        Assert.Equal("Notified webhook at 127.0.0.1: [Migrator] nightly: its mailbox is not complete", Assert.Single(_office.Log.Of(3001)));
        Assert.DoesNotContain(WebhookReceiver.Token, _office.Log.Everything);
    }

    [Theory]
    [InlineData(3, true, HttpStatusCode.InternalServerError, HttpStatusCode.TooManyRequests)]
    [InlineData(3, false, HttpStatusCode.BadGateway, HttpStatusCode.BadGateway, HttpStatusCode.BadGateway)]
    [InlineData(1, false, HttpStatusCode.NotFound)]
    [InlineData(1, false, HttpStatusCode.TemporaryRedirect)]
    public async Task A_webhook_that_may_recover_is_tried_again(int posts, bool reported, params HttpStatusCode[] answers)
    {
        _receiver.DeliveryResult(answers);

        await NotifyAsync(("Webhooks:0", _office.Secret("hook", _receiver.Url)));

        Assert.Equal(posts, _receiver.Received.Count);
        Assert.Single(_receiver.Received.Select(post => post.Delivery).Distinct());
        Assert.Equal(reported, (await _office.Store.JobRunsAsync(null, 1, Stop))[0].Notified);
        Assert.Equal(reported ? 0 : 1, _office.Log.Of(3002).Count);
        Assert.DoesNotContain(WebhookReceiver.Token, _office.Log.Everything);
    }

    [Theory]
    [InlineData(
        "http://127.0.0.1:1/secret-path-of-a-webhook",
        "webhook at 127.0.0.1: [Migrator] nightly: its mailbox is not complete: it cannot be reached"
    )]
    [InlineData("chat.example/secret-path-of-a-webhook", "the configured value is not a valid http(s) URL.")]
    [InlineData("file:///secret-path-of-a-webhook", "the configured value is not a valid http(s) URL.")]
    public async Task An_address_that_leads_nowhere_is_told_without_it(string address, string line)
    {
        await NotifyAsync(("Webhooks:0", _office.Secret("hook", address)));

        Assert.Contains(line, Assert.Single(_office.Log.Of(3002)));
        Assert.DoesNotContain("secret-path-of-a-webhook", _office.Log.Everything);
    }

    private async Task NotifyAsync(params (string Key, string Value)[] settings)
    {
        var telling = _office.With(settings).Worker().GetRequiredService<JobRunNotifier>();
        _office.Catalogue.Replace([], []);
        await _office.JobRunAsync("nightly", ("ann", new Failure("authentication-failed", "No.", "Check.")));
        var done = telling.NotifyAsync(Stop);
        // The clock stands still: whoever waits by it goes on only when it is moved.
        while (await Task.WhenAny(done, Task.Delay(20, Stop)) != done)
            _office.Time.Advance(TimeSpan.FromSeconds(1));
        await done;
    }
}
