namespace Migrator.Core.Identity;

/// <summary>One thing that a token says.</summary>
/// <param name="Name">As in JSON: camel case, stable.</param>
public sealed record TokenFact(string Name, string Value);
