namespace Migrator.App.Formatting;

/// <summary>Text that may run right to left: isolated on the page, so that it turns nothing around it.</summary>
public readonly record struct Bdi(string Text);
