using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Migrator.Cli.Output;

/// <summary>One picture of a run. Each line is fitted here, not wrapped by the terminal: a line too many, and the next
/// picture is drawn in the wrong place. Nothing goes through markup, so brackets in a folder name are brackets.</summary>
public static class LiveFrame
{
    private const int MostNotices = 3;

    private static readonly Style s_dim = new(decoration: Decoration.Dim);
    private static readonly Style s_bold = new(decoration: Decoration.Bold);
    private static readonly Style s_good = new(Color.Green);
    private static readonly Style s_bad = new(Color.Red);
    private static readonly Style s_note = new(Color.Yellow);
    private static readonly Style s_busy = new(Color.Aqua);

    /// <param name="width">Columns of the terminal; the last is left free, for some terminals wrap when it is filled.</param>
    /// <param name="height">Lines of the terminal; the last is left free for the cursor.</param>
    public static IRenderable Of(RunState state, int width, int height)
    {
        width = Math.Max(20, width - 1);
        var foot = Foot(state, width).ToArray();
        // Header, blank, folders, the summing line, blank, foot.
        var folders = Folders(state, width, Math.Max(1, height - 1 - foot.Length - 4));
        IRenderable[] all = [Header(state, width), new Text(""), .. folders, new Text(""), .. foot];
        // On a terminal of a few lines the notices, which come last, go first.
        return new Rows(all.Take(height - 1));
    }

    private static Paragraph Header(RunState state, int width)
    {
        var elapsed = Format.Duration(state.Elapsed);
        var phase = SafeText.Pad(SafeText.ForTerminal(state.Phase), width - elapsed.Length - 1);
        return new Paragraph().Append(phase + " ", s_bold).Append(elapsed, s_dim);
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
            rest.Add($"{Format.Count(queue.Length)} more waiting ({Format.Count(queue.Sum(folder => folder.Expected - folder.Done), "message")})");
        if (state.Ended.Count - ended.Length is > 0 and var done)
            rest.Add($"{Format.Count(done)} more done");
        if (rest.Count > 0)
            yield return new Text(SafeText.Fit("… " + string.Join(", ", rest), width), s_dim);
    }

    private static IEnumerable<IRenderable> Foot(RunState state, int width)
    {
        if (state.Expected > 0)
        {
            yield return Bar(new Paragraph(), state.Done, state.Expected, width);
            foreach (var line in Wrap(ProgressText.Parts(state), width))
                yield return new Text(line);
        }
        if (state.Failed > 0)
            yield return new Text(SafeText.Fit($"{Format.Count(state.Failed)} failed; the report will name them", width), s_bad);
        foreach (var notice in state.Notices.TakeLast(MostNotices))
            yield return new Text(SafeText.Fit("Note: " + SafeText.ForTerminal(notice), width), s_note);
    }

    internal static Paragraph Bar(Paragraph line, long done, long expected, int width)
    {
        var filled = expected <= 0 ? width : (int)(width * Math.Min(1.0, (double)done / expected));
        return line.Append(new string('━', filled), filled == width ? s_good : s_busy).Append(new string('─', width - filled), s_dim);
    }

    internal static (string Mark, Style Style) Mark(FolderPhase phase) => phase switch
    {
        FolderPhase.Done => ("✓ ", s_good),
        FolderPhase.Failed => ("✗ ", s_bad),
        FolderPhase.Copying => ("▸ ", s_busy),
        _ => ("  ", s_dim),
    };

    private static IEnumerable<string> Wrap(IEnumerable<string> parts, int width)
    {
        var line = "";
        foreach (var part in parts)
        {
            if (line.Length > 0 && line.Length + 3 + part.Length > width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? SafeText.Fit(part, width) : $"{line} · {part}";
        }
        yield return line;
    }
}
