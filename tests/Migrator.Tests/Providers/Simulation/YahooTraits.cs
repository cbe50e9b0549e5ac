namespace Migrator.Tests.Providers.Simulation;

/// <summary>What a <see cref="YahooServer"/> does besides what every Yahoo does. Each that is set must have an effect before the test is
/// over.</summary>
internal sealed record YahooTraits
{
    /// <summary>How many of its newest messages a folder shows; null for Yahoo's own limit, which no test reaches.</summary>
    public int? Visible { get; init; }

    /// <summary>Messages of one command, as MESSAGELIMIT announces them; null for Yahoo's own limit, likewise.</summary>
    public int? MessageLimit { get; init; }

    /// <summary>Commands of more messages are refused instead of being executed for the newest of them: RFC 9738 allows both.</summary>
    public bool RefusesBeyondLimit { get; init; }

    /// <summary>The limit is kept without a word, as before RFC 9738.</summary>
    public bool KeepsLimitSilently { get; init; }

    /// <summary>Connections that may log in at once; null for any number.</summary>
    public int? Connections { get; init; }

    /// <summary>Spam: Bulk Mail in older accounts.</summary>
    public string JunkFolder { get; init; } = "Bulk";
}
