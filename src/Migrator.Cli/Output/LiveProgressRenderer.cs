using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Migrator.Cli.Output;

/// <summary>One picture of a run. Each line is fitted here, not wrapped by the terminal: a line too many, and the next
/// picture is drawn in the wrong place. Nothing goes through markup, so brackets in a folder name are brackets.</summary>
public static class LiveProgressRenderer
{
    private const int MostNotices = 3;

    /// <param name="width">Columns of the terminal; the last is left free, for some terminals wrap when it is filled.</param>
    /// <param name="height">Lines of the terminal; the last is left free for the cursor.</param>
    public static IRenderable Of(RunState state, int width, int height)
    {
        width = Math.Max(20, width - 1);
        var foot = Foot(state, width).ToArray();
        // Header, blank, folders, the summing line, blank, foot.
        var folders = Folders(state, width, Math.Max(1, height - 1 - foot.Length - 4));
        IRenderable[] all = [FrameParts.Header(state.Phase, state.Elapsed, width), new Text(""), .. folders, new Text(""), .. foot];
        // On a terminal of a few lines the notices, which come last, go first.
        return new Rows(all.Take(height - 1));
    }

    private static IEnumerable<IRenderable> Folders(RunState state, int width, int rows)
    {
        // What is being copied comes first; what has just ended gets a third of the rest, what waits fills up.
        var copying = state.Copying.Take(rows).ToArray();
        var ended = state.Ended.TakeLast(Math.Max((rows - copying.Length + 2) / 3, rows - copying.Length - state.Waiting.Count)).ToArray();
        var waiting = state.Waiting.Take(rows - copying.Length - ended.Length).ToArray();
        FolderStatus[] shown = [.. ended, .. copying, .. waiting];
        foreach (var row in FolderRows.Of(shown, width))
            yield return row;

        var rest = new List<string>();
        if (state.Copying.Count - copying.Length is > 0 and var busy)
            rest.Add($"{Format.Count(busy)} more being copied");
        if (state.Waiting.Skip(waiting.Length).ToArray() is { Length: > 0 } queue)
            rest.Add(
                $"{Format.Count(queue.Length)} more waiting ({Format.Count(queue.Sum(folder => folder.Expected - folder.Done), "message")})"
            );
        if (state.Ended.Count - ended.Length is > 0 and var done)
            rest.Add($"{Format.Count(done)} more done");
        if (rest.Count > 0)
            yield return new Text(TextSanitizer.Fit("… " + string.Join(", ", rest), width), FrameParts.Dim);
    }

    private static IEnumerable<IRenderable> Foot(RunState state, int width)
    {
        if (state.Expected > 0)
        {
            yield return FrameParts.Bar(new Paragraph(), state.Done, state.Expected, width);
            foreach (var line in FrameParts.Wrap(ProgressText.Parts(state), width))
                yield return new Text(line);
        }
        if (state.Failed > 0)
            yield return new Text(
                TextSanitizer.Fit($"{Format.Count(state.Failed)} failed; the report will name them", width),
                FrameParts.Bad
            );
        foreach (var notice in state.Notices.TakeLast(MostNotices))
            yield return new Text(TextSanitizer.Fit("Note: " + TextSanitizer.ForTerminal(notice), width), FrameParts.Note);
    }

    internal static (string Mark, Style Style) Mark(FolderPhase phase) =>
        phase switch
        {
            FolderPhase.Done => ("✓ ", FrameParts.Good),
            FolderPhase.Failed => ("✗ ", FrameParts.Bad),
            FolderPhase.Copying => ("▸ ", FrameParts.Busy),
            _ => ("  ", FrameParts.Dim),
        };
}
