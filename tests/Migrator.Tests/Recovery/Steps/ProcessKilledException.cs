namespace Migrator.Tests.Recovery.Steps;

/// <summary>The process of a run was killed at a step, and takes no other. Of no type that the product catches.</summary>
internal sealed class ProcessKilledException(string step) : Exception($"Killed at {step}.");
