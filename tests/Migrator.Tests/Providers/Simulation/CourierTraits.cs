namespace Migrator.Tests.Providers.Simulation;

/// <summary>What an old Courier, or one that a hoster has configured, does otherwise than Courier by default. Each that is set must have an
/// effect before the test is over; of what is said to clients, that is enough.</summary>
internal sealed record CourierTraits
{
    /// <summary>Before version 3: no UIDPLUS, so neither APPENDUID nor UID EXPUNGE.</summary>
    public bool LacksUidPlus { get; init; }

    /// <summary>Keywords are dropped without a word, and PERMANENTFLAGS has no <c>\*</c>.</summary>
    public bool DropsKeywords { get; init; }

    /// <summary>Likewise, and a command with a keyword is refused.</summary>
    public bool RefusesKeywords { get; init; }

    /// <summary>No folder may have folders in it.</summary>
    public bool NoInferiors { get; init; }

    /// <summary>Bytes of the longest word in a command; the connection ends at one that is longer.</summary>
    public int? LongestWord { get; init; }

    /// <summary>Connections from one address at once (MAXPERIP); null for any number.</summary>
    public int? Connections { get; init; }

    /// <summary>What is said to one connection too many; Courier itself says nothing.</summary>
    public string Refusal { get; init; } = "";
}
