namespace Migrator.App.Formatting;

public static class ProductVersion
{
    /// <summary>"1.2.3".</summary>
    public static string Text { get; } = typeof(ProductVersion).Assembly.GetName().Version?.ToString(3) ?? "";
}
