namespace Migrator.Tests.Providers.Simulation;

/// <summary>What an <see cref="ExchangeServer"/> does besides what every Exchange does. Each that is set must have an effect before the
/// test is over.</summary>
internal sealed record ExchangeTraits
{
    /// <summary>Messages are kept as properties, and made into MIME when they are fetched.</summary>
    public bool Rewrites { get; init; }

    /// <summary>Likewise, and otherwise at each fetch.</summary>
    public bool RewritesEachTime { get; init; }

    /// <summary><c>RFC822.SIZE</c> is not the size of what is fetched.</summary>
    public bool EstimatesSizes { get; init; }

    /// <summary>Octets of the longest line in a message that it takes.</summary>
    public int? LongestLine { get; init; }

    /// <summary>Octets of the largest message that it takes.</summary>
    public int? LargestMessage { get; init; }

    /// <summary>Exchange 2010: no <c>FLAGS.SILENT</c>, in whatever form.</summary>
    public bool RefusesSilentStores { get; init; }

    /// <summary>The message of which something is lost before it is fetched, by its octets; null leaves it as it is.</summary>
    public Func<byte[], byte[]?>? Harms { get; init; }

    /// <summary>Online and in every version since 2007. What stands between may take it away.</summary>
    public bool HasLiteralPlus { get; init; } = true;
}
