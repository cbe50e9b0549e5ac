namespace Migrator.App.Formatting;

/// <summary>Text that may run right to left: isolated on the page, so that it turns nothing around it.</summary>
/// <param name="IsPath">Names joined with "/".</param>
public readonly record struct BidiIsolate(string Text, bool IsPath = false);
