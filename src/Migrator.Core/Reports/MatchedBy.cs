namespace Migrator.Core.Reports;

/// <summary>By what a message of the source was found at the target; the first that holds.</summary>
public enum MatchedBy
{
    /// <summary>Its bytes.</summary>
    Content,

    /// <summary>Its bytes but for line ends.</summary>
    CanonicalHash,

    /// <summary>All fields of its header, Message-ID among them where it has one, and its body.</summary>
    HeaderAndBody,
}
