namespace Migrator.Core.Failures;

/// <summary>A <see cref="Reason"/> for people who look up its code.</summary>
/// <param name="Meaning">What happened.</param>
/// <param name="Cause">Why it happens most often.</param>
public sealed record Explanation(string Meaning, string Cause);
