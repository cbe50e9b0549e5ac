using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Secrets;
using Migrator.Identity.Provider;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Tests.Memory;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Identity;

/// <summary>Access tokens that a token server gives and a real Dovecot takes.</summary>
public sealed class TokenLoginTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private TokenAuthority _authority = null!;
    private DovecotServer _dovecot = null!;
    private TokenProvider _provider = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private MicrosoftTokens Application =>
        new(MicrosoftGrant.ClientSecret, TokenAuthority.Tenant, TokenAuthority.ClientId, MicrosoftCloud.Global)
        {
            Authority = _authority.Address,
            ClientSecret = new SecretReference(SecretSource.Env, "SECRET"),
        };

    public async ValueTask InitializeAsync()
    {
        _authority = await TokenAuthority.StartAsync(_time);
        _dovecot = await TokenMailServer.StartAsync(_authority, forAnyUser: true);
        _provider = new TokenProvider(TestLogins.None, _time, _authority.Handler());
    }

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        await _dovecot.DisposeAsync();
        await _authority.DisposeAsync();
    }

    [Theory]
    [InlineData(AuthMethod.OAuth)]
    [InlineData(AuthMethod.XOAuth2)]
    [InlineData(AuthMethod.OAuthBearer)]
    public async Task A_token_opens_a_mailbox_over_IMAP_and_POP3(AuthMethod method)
    {
        var user = DovecotServer.NewUser("ann");
        var credential = Credential(user);

        await using var imap = await new ImapConnector(TokenMailServer.Of(_dovecot, user, method), credential).OpenSourceAsync(Stop);
        Assert.Contains(await imap.ListFoldersAsync(Stop), folder => folder.Use == SpecialUse.Inbox);
        await using var pop3 = await Pop3(user, credential, method);
        Assert.Contains(await pop3.ListFoldersAsync(Stop), folder => folder.Use == SpecialUse.Inbox);

        Assert.Single(_authority.Requests);
    }

    [Fact]
    public async Task Two_hundred_mailboxes_share_one_token_until_it_ends()
    {
        _authority.Life = TimeSpan.FromHours(1);

        await OpenAllAsync(Enumerable.Range(0, 200).Select(_ => DovecotServer.NewUser()));
        Assert.Single(_authority.Requests);
        _time.Advance(TimeSpan.FromMinutes(54));
        await OpenAllAsync([DovecotServer.NewUser()]);
        Assert.Single(_authority.Requests);
        // Ahead of its end.
        _time.Advance(TimeSpan.FromMinutes(2));
        await OpenAllAsync(Enumerable.Range(0, 20).Select(_ => DovecotServer.NewUser()));
        Assert.Equal(2, _authority.Requests.Count);
        // The libraries know other hosts that they would like to ask.
        Assert.Equal([_authority.Address.Authority], _authority.Asked.Keys);
    }

    [Fact]
    public async Task A_token_that_lives_for_seconds_is_requested_again_in_time()
    {
        _authority.Life = TimeSpan.FromSeconds(5);
        var user = DovecotServer.NewUser();

        for (var session = 0; session < 5; session++)
        {
            await OpenAsync(user, Credential(user));
            _time.Advance(TimeSpan.FromSeconds(4.5));
        }

        Assert.Equal(5, _authority.Requests.Count);
    }

    [Theory]
    [InlineData(MailProtocol.Imap)]
    [InlineData(MailProtocol.Pop3)]
    public async Task A_token_that_was_revoked_is_replaced_once(MailProtocol protocol)
    {
        var user = DovecotServer.NewUser();
        var credential = Credential(user);
        await OpenAsync(user, credential, protocol);
        _authority.Revoke(Assert.Single(_authority.Tokens));
        _time.Advance(TimeSpan.FromMinutes(1));

        await OpenAsync(user, credential, protocol);

        Assert.Equal(2, _authority.Requests.Count);
    }

    public static TheoryData<object?, string, string> Refused =>
        new()
        {
            { null, "token-refused", "" },
            {
                new { aud = "https://graph.microsoft.com", roles = new[] { "Mail.Read" } },
                "entra-audience-wrong",
                "https://graph.microsoft.com"
            },
            { new { aud = "https://outlook.office365.com" }, "entra-right-missing", "without any right" },
            { new { aud = "https://outlook.office365.com/", roles = new[] { "Mail.Read" } }, "entra-right-missing", "Mail.Read" },
            {
                new
                {
                    aud = "https://outlook.office365.com",
                    roles = new[] { "IMAP.AccessAsApp" },
                    appid = "the-registration",
                    oid = "the-enterprise-application",
                    tid = "the-tenant",
                },
                "entra-service-principal-missing",
                "New-ServicePrincipal -AppId the-registration -ObjectId the-enterprise-application"
            },
            {
                new
                {
                    aud = "https://outlook.office.com",
                    scp = "IMAP.AccessAsUser.All",
                    upn = "ann@contoso",
                },
                "entra-person-refused",
                "ann@contoso"
            },
            { new { aud = 7, roles = "x" }, "entra-audience-wrong", "" },
        };

    [Fact]
    public async Task A_token_describes_itself_before_a_mail_server_has_seen_it()
    {
        _authority.Claims = new
        {
            aud = "https://outlook.office365.com",
            roles = new[] { "IMAP.AccessAsApp" },
            appid = "the-registration",
            oid = "the-enterprise-application",
            tid = "the-tenant",
        };
        var credential = Credential("ann");

        var imap = await credential.DescribeAsync(new MailLogin(MailService.Imap, "ann"), Stop);
        var pop3 = await credential.DescribeAsync(new MailLogin(MailService.Pop3, "ann"), Stop);

        Assert.NotNull(imap);
        Assert.Equal(
            [
                "audience https://outlook.office365.com",
                "tenant the-tenant",
                "application the-registration",
                "enterpriseApplication the-enterprise-application",
                "rights IMAP.AccessAsApp",
                $"validUntil {_time.GetUtcNow() + _authority.Life:u}",
            ],
            imap.Facts.Select(fact => $"{fact.Name} {fact.Value}")
        );
        Assert.Empty(imap.Doubts);
        Assert.Contains("POP.AccessAsApp", Assert.Single(pop3!.Doubts));
        Assert.Single(_authority.Requests);
    }

    [Theory]
    [InlineData(-30, "30 minutes ahead")]
    [InlineData(300, "5 hours behind")]
    public async Task A_clock_that_is_wrong_is_noticed(int minutes, string words)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(minutes));
        using var provider = new TokenProvider(TestLogins.None, time, _authority.Handler());
        var credential = provider.For(Application, "ann", (_, _) => TokenAuthority.ClientSecret);

        var token = await credential.DescribeAsync(new MailLogin(MailService.Imap, "ann"), Stop);

        Assert.Contains(words, Assert.Single(token!.Doubts));
    }

    [Fact]
    public async Task A_mailbox_that_Exchange_does_not_open_names_who_needs_the_right()
    {
        _authority.Claims = new
        {
            aud = "https://outlook.office365.com",
            roles = new[] { "IMAP.AccessAsApp" },
            oid = "the-enterprise-application",
        };
        await using var exchange = new ScriptedImap { Capabilities = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 NAMESPACE" };
        exchange.Arm(
            "refusing",
            command => command.Name is "AUTHENTICATE" or "CAPABILITY" or "LOGOUT" ? null : "BAD User is authenticated but not connected."
        );
        var server = new MailServer(
            "localhost",
            exchange.Port,
            TlsMode.None,
            "ann@contoso.example",
            null,
            AuthMethod.XOAuth2,
            CertificateTrust.System
        );

        var refused = await Assert.ThrowsAsync<MailException>(async () =>
        {
            await using var source = await new ImapConnector(server, Credential("ann@contoso.example")).OpenSourceAsync(Stop);
            await source.ListFoldersAsync(Stop);
        });

        Assert.Equal(Reason.MailboxNotConnected, refused.Reason);
        Assert.Contains(
            "Add-MailboxPermission -Identity ann@contoso.example -User the-enterprise-application -AccessRights FullAccess",
            refused.Message
        );
        Assert.Contains("Set-CASMailbox ann@contoso.example -ImapEnabled $true", refused.Message);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_token_that_Exchange_refuses_says_itself_what_is_missing(object? claims, string code, string words)
    {
        (_authority.Claims, _authority.HidesTokens) = (claims, true);
        var user = DovecotServer.NewUser();

        var refused = await Assert.ThrowsAsync<MailException>(() => OpenAsync(user, Credential(user)));

        Assert.Equal(code, refused.Reason.Code);
        Assert.Contains(words, refused.Message);
        Assert.DoesNotContain(Assert.Single(_authority.Tokens), refused.Message);
    }

    [Theory]
    [InlineData(MailProtocol.Imap, AuthMethod.XOAuth2)]
    [InlineData(MailProtocol.Imap, AuthMethod.OAuthBearer)]
    [InlineData(MailProtocol.Pop3, AuthMethod.XOAuth2)]
    [InlineData(MailProtocol.Pop3, AuthMethod.OAuthBearer)]
    public async Task A_token_that_the_mail_server_does_not_accept_is_not_requested_again_and_again(
        MailProtocol protocol,
        AuthMethod method
    )
    {
        await using var others = await TokenAuthority.StartAsync(_time);
        using var provider = new TokenProvider(TestLogins.None, _time, others.Handler());
        var settings = Application with { Authority = others.Address };
        var users = Enumerable.Range(0, 10).Select(_ => DovecotServer.NewUser()).ToList();

        foreach (var user in users)
        {
            var failure = await Assert.ThrowsAsync<MailException>(() =>
                OpenAsync(user, provider.For(settings, user, (_, _) => TokenAuthority.ClientSecret), protocol, method)
            );
            Assert.Equal(Reason.TokenRefused, failure.Reason);
            Assert.DoesNotContain(Assert.Single(others.Tokens), failure.ToString());
        }

        Assert.Single(others.Requests);
    }

    [Fact]
    public async Task A_refusal_is_remembered_so_that_hundreds_of_mailboxes_do_not_lock_the_client_out()
    {
        var users = Enumerable.Range(0, 50).Select(_ => DovecotServer.NewUser()).ToList();

        foreach (var user in users)
        {
            var failure = await Assert.ThrowsAsync<MailException>(() =>
                OpenAsync(user, _provider.For(Application, user, (_, _) => "wrong"))
            );
            Assert.Equal(Reason.EntraSecretWrong, failure.Reason);
            Assert.False(failure.Reason.IsTransient);
            Assert.DoesNotContain("Trace ID", failure.Message);
        }
        Assert.Single(_authority.Requests);

        // Another secret is another matter.
        await OpenAsync(users[0], Credential(users[0]));
    }

    [Theory]
    [InlineData(429, "token-throttled")]
    [InlineData(503, "token-server-unavailable")]
    public async Task A_token_server_that_fails_for_now_is_asked_again_when_it_said(int status, string code)
    {
        var failing = true;
        _authority.Fault = _ => failing ? new Unavailable(status) : null;
        var user = DovecotServer.NewUser();
        var settings = new OAuthTokens(
            _authority.TokenEndpoint,
            TokenAuthority.ClientId,
            new SecretReference(SecretSource.Env, "SECRET"),
            null,
            null
        );
        var credential = _provider.For(settings, user, (_, _) => TokenAuthority.ClientSecret);

        var failure = await Assert.ThrowsAsync<MailException>(() => OpenAsync(user, credential));

        Assert.Equal((code, true), (failure.Reason.Code, failure.Reason.IsTransient));
        Assert.Equal(TimeSpan.FromSeconds(100), failure.RetryAfter);
        failing = false;
        var asked = _authority.Requests.Count;
        _time.Advance(TimeSpan.FromSeconds(99));
        await Assert.ThrowsAsync<MailException>(() => OpenAsync(user, credential));
        Assert.Equal(asked, _authority.Requests.Count);
        _time.Advance(TimeSpan.FromSeconds(2));
        await OpenAsync(user, credential);
    }

    [Theory]
    [InlineData(429, "token-throttled")]
    [InlineData(503, "token-server-unavailable")]
    public async Task What_Microsoft_asks_for_is_obeyed(int status, string code)
    {
        _authority.Fault = _ => new Unavailable(status);
        var user = DovecotServer.NewUser();

        var failure = await Assert.ThrowsAsync<MailException>(() => OpenAsync(user, Credential(user)));

        Assert.Equal((code, TimeSpan.FromSeconds(100)), (failure.Reason.Code, failure.RetryAfter));
    }

    [Fact]
    public async Task A_token_that_still_holds_is_used_while_the_token_server_is_away()
    {
        var user = DovecotServer.NewUser();
        var credential = Credential(user);
        await OpenAsync(user, credential);
        var asked = 0;
        _authority.Fault = _ => asked++ >= 0 ? new Unavailable(503) : null;
        _time.Advance(TimeSpan.FromMinutes(57));

        await OpenAsync(user, credential);

        Assert.True(asked > 0);
    }

    [Fact]
    public async Task A_token_server_that_is_not_there_is_said_to_be_away()
    {
        var port = DovecotServer.FreePorts(1)[0];
        var user = DovecotServer.NewUser();
        var settings = Application with { Authority = new Uri($"https://localhost:{port}/") };

        var failure = await Assert.ThrowsAsync<MailException>(() =>
            OpenAsync(user, _provider.For(settings, user, (_, _) => TokenAuthority.ClientSecret))
        );

        Assert.Equal(Reason.TokenServerUnavailable, failure.Reason);
        Assert.Contains($"localhost:{port}", failure.Message);
    }

    [Fact]
    public async Task A_password_that_is_refused_is_not_sent_again()
    {
        var user = DovecotServer.NewUser();

        var failure = await Assert.ThrowsAsync<MailException>(() => OpenAsync(user, "wrong", MailProtocol.Imap, AuthMethod.Plain));

        Assert.Equal(Reason.AuthenticationFailed, failure.Reason);
    }

    private Credential Credential(string user) => _provider.For(Application, user, (_, _) => TokenAuthority.ClientSecret);

    private Task OpenAllAsync(IEnumerable<string> users) =>
        Parallel.ForEachAsync(
            users,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Stop },
            async (user, _) => await OpenAsync(user, Credential(user))
        );

    private async Task OpenAsync(
        string user,
        Credential credential,
        MailProtocol protocol = MailProtocol.Imap,
        AuthMethod method = AuthMethod.OAuth
    )
    {
        IMailSource source =
            protocol == MailProtocol.Pop3
                ? await Pop3(user, credential, method)
                : await new ImapConnector(TokenMailServer.Of(_dovecot, user, method), credential).OpenSourceAsync(Stop);
        await source.DisposeAsync();
    }

    private Task<IDeletableSource> Pop3(string user, Credential credential, AuthMethod method) =>
        new Pop3Connector(
            TokenMailServer.Of(_dovecot, user, method, MailProtocol.Pop3),
            credential,
            new MemoryUidMap(),
            TimeProvider.System
        ).OpenSourceAsync(Stop);

    private sealed class Unavailable(int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = "100";
            return Results.Json(new { error = "temporarily_unavailable" }, statusCode: status).ExecuteAsync(httpContext);
        }
    }
}
