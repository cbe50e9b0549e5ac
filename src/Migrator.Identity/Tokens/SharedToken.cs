using System.Globalization;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Redaction;

namespace Migrator.Identity.Tokens;

/// <summary>A token for all who may use the same one: requested once, and again ahead of its end.</summary>
/// <remarks>A refusal is remembered for a while too: hundreds of mailboxes with one wrong secret must not ask hundreds of times, after
/// which providers lock the client out.</remarks>
/// <param name="clockAhead">How far the token server's clock is ahead of this one; null where that is not known.</param>
internal sealed class SharedToken(ITokenGrant grant, TimeProvider time, Func<TimeSpan?> clockAhead) : Credential
{
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_refusalKept = TimeSpan.FromMinutes(1);

    // One that was just given is refused for what another one will not mend.
    private static readonly TimeSpan s_leastAge = TimeSpan.FromSeconds(10);

    // Servers accept assertions of up to 5 minutes ago.
    private static readonly TimeSpan s_clockTolerance = TimeSpan.FromMinutes(2);

    // Of what a server says. Asked again after it, a token that holds for longer costs a request a day.
    private static readonly TimeSpan s_longestLife = TimeSpan.FromDays(1);

    private static readonly TimeSpan s_redactedAfter = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _one = new(1);
    private Held? _held;
    private (MailException Exception, DateTimeOffset Until)? _refusal;

    public override async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return _held is { } held && time.GetUtcNow() < held.Renewal ? held.Token : await RenewAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public override async ValueTask<string?> ReplaceAsync(string refused, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_held is not { } held || held.Token != refused)
                // Somebody else has replaced it already.
                return _held?.Token ?? await RequestAsync(cancellationToken);
            return time.GetUtcNow() < held.Replaceable ? null : await RequestAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public override MailException? Explain(string refused, MailException refusal, MailLogin login) =>
        grant.Explain(refused, refusal, login);

    public override async ValueTask<TokenDescription?> DescribeAsync(MailLogin login, CancellationToken cancellationToken)
    {
        var said = grant.Describe(await GetAsync(cancellationToken), login);
        var end = (_held?.End ?? time.GetUtcNow()).ToString("u", CultureInfo.InvariantCulture);
        return new TokenDescription([.. said.Facts, new TokenFact("validUntil", end)], [.. said.Doubts, .. Clock()]);
    }

    private IEnumerable<string> Clock()
    {
        if (clockAhead() is { } ahead && ahead.Duration() >= s_clockTolerance)
            yield return $"The clock of the token server is {Words(ahead.Duration())} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} "
                + "the clock of this machine. Set this one right, and keep it right with NTP: tokens are refused where clocks differ.";
    }

    private static string Words(TimeSpan span) =>
        span.TotalHours >= 2 ? $"{span.TotalHours:0} hours" : $"{Math.Max(1, span.TotalMinutes):0} minutes";

    /// <summary>Ahead of a token's end, so that the token server may be away for a while.</summary>
    private async Task<string> RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await RequestAsync(cancellationToken);
        }
        catch (MailException exception) when (exception.Reason.IsTransient && _held is { } held && time.GetUtcNow() < held.End)
        {
            return held.Token;
        }
    }

    private async Task<string> RequestAsync(CancellationToken cancellationToken)
    {
        if (_refusal is { Exception: var known } && time.GetUtcNow() < _refusal.Value.Until)
            throw new MailException(known.Reason, known.Message, known) { RetryAfter = known.RetryAfter };
        var asked = time.GetUtcNow();
        try
        {
            var (token, said) = await grant.RequestAsync(cancellationToken);
            var life = said < TimeSpan.Zero ? TimeSpan.Zero : Least(said, s_longestLife);
            // A server may repeat one that has ended.
            SecretRedactor.Add(token, life + s_redactedAfter, time);
            _held = new Held(token, asked + life - Least(life / 5, s_margin), asked + life, asked + Least(life / 5, s_leastAge));
            _refusal = null;
            return token;
        }
        catch (MailException exception)
        {
            _refusal = (exception, time.GetUtcNow() + (exception.RetryAfter ?? s_refusalKept));
            throw;
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <param name="Renewal">When another one is requested.</param>
    /// <param name="Replaceable">From when on another one is requested where a mail server refuses it.</param>
    private sealed record Held(string Token, DateTimeOffset Renewal, DateTimeOffset End, DateTimeOffset Replaceable);
}
