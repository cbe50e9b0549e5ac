namespace Migrator.Core.Identity;

/// <summary>What an access token is good for, as far as it can be read, without the token.</summary>
/// <param name="Doubts">Why a mail server may refuse it, or may refuse the next one, as sentences.</param>
public sealed record TokenDescription(IReadOnlyList<TokenFact> Facts, IReadOnlyList<string> Doubts);
