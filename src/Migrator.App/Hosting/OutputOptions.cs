namespace Migrator.App.Hosting;

/// <summary>How a command speaks.</summary>
/// <param name="Json">In lines of JSON.</param>
/// <param name="Verbose">With its log on standard error.</param>
/// <param name="Quiet">No progress and no notes: only errors, and the result.</param>
public sealed record OutputOptions(bool Json = false, bool Verbose = false, bool Quiet = false);
