namespace Migrator.Core.Secrets;

/// <summary>What was found where a setting was looked up.</summary>
/// <param name="Value">Null where there is none.</param>
/// <param name="Why">There is none, and what to do; as text, never a secret.</param>
public sealed record SettingLookup(string? Value, string Why);
