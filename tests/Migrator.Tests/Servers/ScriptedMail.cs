namespace Migrator.Tests.Servers;

/// <summary>One message of a <see cref="ScriptedPop3"/>.</summary>
/// <param name="Uidl">Null where the server gives it none.</param>
/// <param name="Text">Its bytes as Latin-1.</param>
/// <param name="Size">What LIST says; its length where null.</param>
public sealed record ScriptedMail(string? Uidl, string Text, long? Size = null);
