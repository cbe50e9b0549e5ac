using Migrator.App.Formatting;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What pictures of a run and of a job have in common.</summary>
internal static class FrameParts
{
    public static readonly Style Dim = new(decoration: Decoration.Dim);
    public static readonly Style Bold = new(decoration: Decoration.Bold);
    public static readonly Style Good = new(Color.Green);
    public static readonly Style Bad = new(Color.Red);
    public static readonly Style Note = new(Color.Yellow);
    public static readonly Style Busy = new(Color.Aqua);

    /// <summary>What is being done, and at the right how long it has been.</summary>
    public static Paragraph Header(string text, TimeSpan elapsed, int width)
    {
        var time = Format.Duration(elapsed);
        return new Paragraph()
            .Append(TextSanitizer.Pad(TextSanitizer.ForTerminal(text), width - time.Length - 1) + " ", Bold)
            .Append(time, Dim);
    }

    public static Paragraph Bar(Paragraph line, long done, long expected, int width)
    {
        var filled = expected <= 0 ? width : (int)(width * Math.Min(1.0, (double)done / expected));
        return line.Append(new string('━', filled), filled == width ? Good : Busy).Append(new string('─', width - filled), Dim);
    }

    /// <summary>Parts with " · " between them, in as many lines as they need.</summary>
    public static IEnumerable<string> Wrap(IEnumerable<string> parts, int width)
    {
        var line = "";
        foreach (var part in parts)
        {
            if (line.Length > 0 && line.Length + 3 + part.Length > width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? TextSanitizer.Fit(part, width) : $"{line} · {part}";
        }
        yield return line;
    }
}
