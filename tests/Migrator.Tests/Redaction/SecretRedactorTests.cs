using Microsoft.Extensions.Time.Testing;
using Migrator.Core.Redaction;
using Xunit;

namespace Migrator.Tests.Redaction;

public sealed class SecretRedactorTests
{
    private const int Many = 2000;

    [Fact]
    public void Tokens_that_have_ended_are_forgotten_and_others_are_not()
    {
        var time = new FakeTimeProvider();
        var (lasting, renewed, ended) = (Secret("lasting"), Secret("renewed"), Secret("ended"));
        SecretRedactor.Add(lasting);
        SecretRedactor.Add(lasting, TimeSpan.FromHours(1), time);
        SecretRedactor.Add(renewed, TimeSpan.FromHours(1), time);
        SecretRedactor.Add(ended, TimeSpan.FromHours(1), time);
        Assert.Equal("*** *** ***", SecretRedactor.Redact($"{lasting} {renewed} {ended}"));

        time.Advance(TimeSpan.FromMinutes(50));
        SecretRedactor.Add(renewed, TimeSpan.FromHours(1), time);
        time.Advance(TimeSpan.FromMinutes(20));
        for (var index = 0; index < Many; index++)
            SecretRedactor.Add(Secret("other"), TimeSpan.FromMinutes(1), time);

        Assert.Equal($"*** *** {ended}", SecretRedactor.Redact($"{lasting} {renewed} {ended}"));
    }

    [Fact]
    public void A_secret_that_is_added_for_good_after_it_was_for_a_while_is_kept()
    {
        var time = new FakeTimeProvider();
        var secret = Secret("both");
        SecretRedactor.Add(secret, TimeSpan.FromMinutes(1), time);
        SecretRedactor.Add(secret);

        time.Advance(TimeSpan.FromDays(1));
        for (var index = 0; index < Many; index++)
            SecretRedactor.Add(Secret("other"), TimeSpan.FromMinutes(1), time);

        Assert.Equal("***", SecretRedactor.Redact(secret));
    }

    private static string Secret(string kind) => $"{kind}-{Guid.NewGuid():n}";
}
