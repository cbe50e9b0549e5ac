using MudBlazor;

namespace Migrator.Service.Dashboard;

/// <summary>MudBlazor's theme without its fonts, which it expects from elsewhere. Colours are in dashboard.css, where light and dark
/// follow the browser without a round trip.</summary>
internal static class DashboardTheme
{
    private static readonly string[] s_fonts =
    [
        "system-ui",
        "-apple-system",
        "Segoe UI",
        "Roboto",
        "Noto Sans",
        "DejaVu Sans",
        "sans-serif",
    ];

    public static readonly MudTheme Value = new()
    {
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
        Typography = new Typography
        {
            Default = new DefaultTypography
            {
                FontFamily = s_fonts,
                FontSize = ".875rem",
                LineHeight = "1.45",
            },
            Button = new ButtonTypography
            {
                FontFamily = s_fonts,
                FontSize = ".8125rem",
                FontWeight = "550",
                TextTransform = "none",
                LetterSpacing = "0",
            },
            H6 = new H6Typography
            {
                FontFamily = s_fonts,
                FontSize = "1.05rem",
                FontWeight = "600",
            },
        },
    };
}
