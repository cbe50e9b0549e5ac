namespace Migrator.Tests.Providers.Properties;

/// <summary>What a mailbox of the properties lies at.</summary>
public enum ProviderKind
{
    Dovecot,
    Gmail,
    Exchange,

    /// <summary>Stores messages in a form of its own.</summary>
    RewritingExchange,
}
