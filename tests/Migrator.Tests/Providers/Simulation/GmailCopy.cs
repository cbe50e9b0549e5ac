namespace Migrator.Tests.Providers.Simulation;

/// <summary>Where a message of an account lies.</summary>
/// <param name="Message">The same for all copies of it.</param>
/// <param name="Flags">Without those of the folder alone.</param>
internal sealed record GmailCopy(string Message, string Folder, uint Uid, string Flags);
