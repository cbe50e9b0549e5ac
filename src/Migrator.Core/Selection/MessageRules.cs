namespace Migrator.Core.Selection;

/// <summary>Which messages of the chosen folders are copied, as a job says it.</summary>
public sealed record MessageRules
{
    public static readonly MessageRules All = new();

    /// <summary>Received at this moment or later (INTERNALDATE).</summary>
    public DateLimit? ReceivedAfter { get; init; }

    /// <summary>Received before this moment.</summary>
    public DateLimit? ReceivedBefore { get; init; }

    /// <summary>Sent at this moment or later (the Date field).</summary>
    public DateLimit? SentAfter { get; init; }

    /// <summary>Sent before this moment.</summary>
    public DateLimit? SentBefore { get; init; }

    /// <summary>More bytes than this.</summary>
    public long? LargerThan { get; init; }

    /// <summary>Fewer bytes than this.</summary>
    public long? SmallerThan { get; init; }

    /// <summary>Flags and keywords that a message must have, each of them.</summary>
    public IReadOnlyList<string> WithFlags { get; init; } = [];

    /// <summary>Flags and keywords that a message must not have, none of them.</summary>
    public IReadOnlyList<string> WithoutFlags { get; init; } = [];

    /// <summary>An IMAP search key that a message must match (RFC 9051, section 6.4.4); null for none.</summary>
    public string? Search { get; init; }

    /// <summary>The newest of all folders first; otherwise, folder by folder in the order of arrival.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>What one run brings is appended in the order of arrival, although the newest were chosen.</summary>
    public bool KeepsOrder { get; init; }

    /// <summary>The most messages that one run delivers; null for all.</summary>
    public int? MostMessages { get; init; }

    /// <summary>The most bytes that one run delivers, but at least one message; null for all.</summary>
    public long? MostBytes { get; init; }

    /// <summary>Whether any message may be left out.</summary>
    public bool LeavesOut => NeedsMoreThanSize || LargerThan is not null || SmallerThan is not null;

    /// <summary>Whether a source that tells only sizes cannot answer.</summary>
    public bool NeedsMoreThanSize =>
        (ReceivedAfter ?? ReceivedBefore ?? SentAfter ?? SentBefore) is not null
        || WithFlags.Count > 0
        || WithoutFlags.Count > 0
        || Search is not null;

    /// <summary>Whether a run may leave messages for later ones.</summary>
    public bool IsLimited => MostMessages is not null || MostBytes is not null;

    /// <summary>Whether all folders are examined before the first message is delivered.</summary>
    public bool IsOrdered => NewestFirst || IsLimited;
}
