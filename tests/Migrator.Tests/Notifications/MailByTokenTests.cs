using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Identity.Provider;
using Migrator.Mail.Smtp;
using Migrator.Tests.Identity;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Notifications;

/// <summary>Mail to a server that takes access tokens.</summary>
public sealed class MailByTokenTests(DovecotFixture servers) : IAsyncLifetime
{
    private TokenAuthority _authority = null!;
    private TokenProvider _tokens = null!;
    private SmtpServer _smtp = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _authority = await TokenAuthority.StartAsync();
        _tokens = new TokenProvider(TestLogins.None, TimeProvider.System, _authority.Handler());
        _smtp = await SmtpServer.StartAsync(servers.New, introspection: _authority.Introspection);
    }

    public async ValueTask DisposeAsync()
    {
        await _smtp.DisposeAsync();
        _tokens.Dispose();
        await _authority.DisposeAsync();
    }

    [Fact]
    public async Task A_token_is_requested_once_and_replaced_where_the_server_refuses_it()
    {
        var to = DovecotServer.NewUser("boss");

        Assert.Empty(await SendAsync(to));
        // Nobody says so: the server refuses the next mail. A token that was just given is not replaced.
        var first = Assert.Single(_authority.Tokens);
        Assert.Empty(await SendAsync(to));
        Assert.Single(_authority.Requests);
        _authority.Revoke(first);
        var refused = await SendAsync(to);

        Assert.Equal(Reason.TokenRefused, refused[Address(to)].Reason);
        await using var mailbox = await servers.New.LogInAsync(to);
        Assert.Contains("(MESSAGES 2)", string.Concat((await mailbox.RunAsync("STATUS INBOX (MESSAGES)")).Select(line => line.Text)));
    }

    [Fact]
    public async Task What_the_token_server_says_is_said_of_the_mail()
    {
        _authority.Fault = _ => TokenAuthority.Error(401, "invalid_client", "AADSTS7000222: The provided client secret keys are expired.");

        var failed = await SendAsync("boss");

        Assert.Equal(Reason.EntraSecretExpired, failed[Address("boss")].Reason);
    }

    private static string Address(string user) => $"{user}@example.org";

    private Task<IReadOnlyDictionary<string, MailException>> SendAsync(string to)
    {
        var mail = NotifySettingsTests
            .Read(
                ("Mail:Host", "localhost"),
                ("Mail:Port", $"{_smtp.Port}"),
                ("Mail:Tls", "starttls"),
                ("Mail:From", SmtpServer.User),
                ("Mail:User", SmtpServer.User),
                ("Mail:Fingerprint", $"sha256:{_smtp.Fingerprint}"),
                ("Mail:Auth:Type", "microsoft"),
                ("Mail:Auth:Tenant", TokenAuthority.Tenant),
                ("Mail:Auth:ClientId", TokenAuthority.ClientId),
                ("Mail:Auth:ClientSecret", "env:SECRET"),
                ("Mail:Auth:Authority", _authority.Address.AbsoluteUri)
            )
            .Mail!;
        return new SmtpSender(
            mail.Server,
            () => _tokens.For(mail.Server.Tokens!, mail.Server.User, (_, _) => TokenAuthority.ClientSecret)
        ).SendAsync(
            new OutgoingMail(mail.From, "Sample", "sample", DateTimeOffset.UnixEpoch, "x", "<p>x</p>", "x.json", [123, 125]),
            [Address(to)],
            Stop
        );
    }
}
