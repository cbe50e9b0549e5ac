namespace Migrator.Tests.Servers;

/// <summary>What a DNS server answers in place of what it knows.</summary>
internal enum DnsFault
{
    /// <summary>SERVFAIL.</summary>
    ServerFailure,

    /// <summary>Nothing at all.</summary>
    Silence,

    /// <summary>A header that promises records, and noise in their place.</summary>
    Noise,

    /// <summary>Over UDP, that the answer is too long for it.</summary>
    Truncation,
}
