namespace Migrator.App.Hosting;

/// <summary>How a command writes its output.</summary>
/// <param name="Json">One JSON object per line.</param>
/// <param name="Verbose">With its log on standard error.</param>
/// <param name="Quiet">No progress and no notes: only errors, and the result.</param>
public sealed record OutputOptions(bool Json = false, bool Verbose = false, bool Quiet = false);
