using Migrator.Tests.Providers.Properties;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers;

/// <summary>Any mailbox from Exchange and to it.</summary>
public sealed class ExchangePropertyTests(DovecotFixture servers)
{
    [Theory]
    [InlineData(ProviderKind.Exchange, ProviderKind.Dovecot)]
    [InlineData(ProviderKind.RewritingExchange, ProviderKind.Dovecot)]
    [InlineData(ProviderKind.Dovecot, ProviderKind.Exchange)]
    [InlineData(ProviderKind.Dovecot, ProviderKind.RewritingExchange)]
    public Task Nothing_is_lost_doubled_or_altered_unsaid(ProviderKind from, ProviderKind to) =>
        new CopyProperty(servers).HoldsAsync(from, to, Proof.Of(1, 25));
}
