namespace Migrator.Tests.Servers;

/// <summary>The server hangs up.</summary>
public sealed class ScriptedDropException : Exception;
