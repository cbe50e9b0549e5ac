using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Core.Progress;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Migrator.Cli.Output;

/// <summary>The folder lines of a <see cref="LiveProgressRenderer"/>: columns as wide as the numbers in them, the name gets what is left,
/// and what does not fit beside a readable name is left out.</summary>
internal static class FolderRows
{
    private const int BarWidth = 20;
    private const int SizeWidth = 10;

    public static IEnumerable<IRenderable> Of(IReadOnlyCollection<FolderStatus> folders, int width)
    {
        if (folders.Count == 0)
            yield break;
        var messages = folders.Max(folder => Messages(folder).Length);
        var failures = folders.Max(folder => Failures(folder).Length);
        var names = Math.Clamp(folders.Max(folder => TextSanitizer.Width(Name(folder))), 12, 48);

        var left = width - 2 - messages - failures;
        var withSize = left - SizeWidth >= Math.Min(names, 24);
        left -= withSize ? SizeWidth : 0;
        var withBar = left - BarWidth - 2 >= Math.Min(names, 32);
        left -= withBar ? BarWidth + 2 : 0;
        names = Math.Clamp(left, 1, names);

        foreach (var folder in folders)
        {
            var (mark, style) = LiveProgressRenderer.Mark(folder.Phase);
            var line = new Paragraph()
                .Append(mark, style)
                .Append(TextSanitizer.Pad(Name(folder), names))
                .Append(Messages(folder).PadLeft(messages));
            if (withSize)
                line.Append(Format.Size(folder.Bytes).PadLeft(SizeWidth), FrameParts.Dim);
            if (withBar && folder.Phase != FolderPhase.Waiting)
                FrameParts.Bar(line.Append("  "), folder.Done, folder.Expected, BarWidth);
            else if (withBar)
                line.Append(new string(' ', BarWidth + 2));
            yield return line.Append(Failures(folder).PadLeft(failures), FrameParts.Bad);
        }
    }

    private static string Name(FolderStatus folder) => TextSanitizer.ForTerminal(folder.Source.ToString());

    private static string Messages(FolderStatus folder) =>
        folder.Target is null ? "  left out" : $"  {Format.Count(folder.Done)} / {Format.Count(folder.Expected)}";

    private static string Failures(FolderStatus folder) =>
        folder.Counts.Failed == 0 ? "" : $"  {Format.Count(folder.Counts.Failed)} failed";
}
