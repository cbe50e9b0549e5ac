using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Migrator.Identity.Provider;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Identity;

/// <summary>Servers that end a session when its token ends, whatever is being said, as those of Microsoft and Google do.</summary>
public sealed class TokenEndTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private TokenAuthority _authority = null!;
    private TokenProvider _provider = null!;
    private DovecotServer _old = null!,
        _new = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _authority = await TokenAuthority.StartAsync(_time);
        _provider = new TokenProvider(TestLogins.None, _time, _authority.Handler());
        _old = await TokenMailServer.StartAsync(_authority, forAnyUser: true);
        // So that it says when a literal may come.
        _new = await TokenMailServer.StartAsync(_authority, forAnyUser: true, "LITERAL+");
    }

    public async ValueTask DisposeAsync()
    {
        _provider.Dispose();
        await _old.DisposeAsync();
        await _new.DisposeAsync();
        await _authority.DisposeAsync();
    }

    [Theory]
    [InlineData("OK [READ-ONLY]", "Session invalidated - AccessTokenExpired")]
    [InlineData("BODY[]", "Session invalidated - AccessTokenExpired")]
    [InlineData("BODY[]", "Session expired, please login again.")]
    public async Task A_source_goes_on_with_another_token(string at, string words)
    {
        var ended = 0;
        await using var proxy = new LoopbackProxy(_old.ImapPort) { FromServer = text => End(text, at, words, ref ended) };
        await using var harness = new Harness(_old, _new, proxy.Port, _new.ImapPort);

        await RunAsync(harness);
    }

    [Theory]
    [InlineData("+ OK")]
    [InlineData("APPENDUID")]
    [InlineData("OK [READ-WRITE]")]
    public async Task A_target_goes_on_with_another_token_also_in_the_middle_of_an_append(string at)
    {
        var ended = 0;
        await using var proxy = new LoopbackProxy(_new.ImapPort)
        {
            FromServer = text => End(text, at, "Session invalidated - AccessTokenExpired", ref ended),
        };
        await using var harness = new Harness(_old, _new, _old.ImapPort, proxy.Port);

        await RunAsync(harness);
    }

    private async Task RunAsync(Harness harness)
    {
        await LostConnectionTests.ArrangeAsync(harness);
        var settings = new OAuthTokens(
            _authority.TokenEndpoint,
            TokenAuthority.ClientId,
            new SecretReference(SecretSource.Env, "SECRET"),
            null,
            null
        );
        var (source, target) = (Connector(harness.Job.Source), Connector(harness.Job.Target));

        var report = await harness.RunAsync(
            Stop,
            new ImmediateClock(),
            harness.Ends with
            {
                OpenSource = (_, stop) => source.OpenSourceAsync(stop),
                OpenTarget = target.OpenTargetAsync,
            }
        );

        await LostConnectionTests.ShouldBeWholeAsync(harness, report);
        Assert.Equal(2, _authority.Requests.Count);

        ImapConnector Connector(MailServer server) =>
            new(server with { Auth = AuthMethod.OAuth }, _provider.For(settings, server.User, (_, _) => TokenAuthority.ClientSecret));
    }

    /// <summary>The first time, the session ends, and the token holds no longer.</summary>
    private string End(string text, string at, string words, ref int ended)
    {
        if (!text.Contains(at, StringComparison.Ordinal) || Interlocked.Increment(ref ended) != 1)
            return text;
        _authority.Revoke(_authority.Tokens.Single());
        _time.Advance(TimeSpan.FromMinutes(30));
        return $"* BYE {words}\r\n";
    }
}
