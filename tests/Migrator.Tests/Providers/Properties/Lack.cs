namespace Migrator.Tests.Providers.Properties;

/// <summary>What a target lacks of a message.</summary>
/// <param name="Folder">At the source.</param>
/// <param name="Missing">All of it; else its flags or its date.</param>
internal sealed record Lack(string Folder, bool Missing, string Words);
