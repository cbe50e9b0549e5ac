using System.Globalization;
using System.Runtime.CompilerServices;

namespace Migrator.Tests.Terminal;

/// <summary>A recorded screen.</summary>
internal static class ScreenFile
{
    private static bool IsUpdate => Environment.GetEnvironmentVariable("MIGRATOR_UPDATE_SCREENS") == "1";

    /// <returns>Null where there is none.</returns>
    public static string? Read(int width, string name) => File.Exists(At(width, name)) ? File.ReadAllText(At(width, name)) : null;

    /// <summary>With MIGRATOR_UPDATE_SCREENS=1, the screen is recorded.</summary>
    public static void Update(int width, string name, Screen screen)
    {
        if (!IsUpdate)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(At(width, name))!);
        File.WriteAllText(At(width, name), screen.ToString());
    }

    /// <summary>The names of all recorded screens of a width.</summary>
    public static IEnumerable<string> Names(int width) =>
        Directory.Exists(Of(width)) ? Directory.GetFiles(Of(width)).Select(file => Path.GetFileNameWithoutExtension(file)) : [];

    private static string At(int width, string name) => Path.Combine(Of(width), $"{name}.txt");

    // Of the sources, as the pages of docs/: what is recorded is what is read.
    private static string Of(int width, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Screens", width.ToString(CultureInfo.InvariantCulture));
}
