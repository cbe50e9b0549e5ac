using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Core.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Migrator.Cli.Output;

/// <summary>One picture of a job of many mailboxes: totals, and the mailboxes that run or are not OK. Each line is fitted here, as in
/// <see cref="LiveProgressRenderer"/>.</summary>
public static class JobFrame
{
    private const int WidestName = 40;

    /// <param name="width">Columns of the terminal; the last is left free, for some terminals wrap when it is filled.</param>
    /// <param name="height">Lines of the terminal; the last is left free for the cursor.</param>
    public static IRenderable Of(JobState state, int width, int height)
    {
        width = Math.Max(20, width - 1);
        IRenderable[] head =
        [
            FrameParts.Header(state.Job, state.Elapsed, width),
            FrameParts.Bar(new Paragraph(), state.Ended, state.Mailboxes, width),
            .. Lines(JobText.Mailboxes(state), width),
            .. Lines(JobText.Messages(state), width),
            new Text(""),
        ];
        return new Rows(head.Concat(Mailboxes(state, width, Math.Max(2, height - 1 - head.Length))).Take(height - 1));
    }

    private static IEnumerable<IRenderable> Lines(IEnumerable<string> parts, int width) =>
        FrameParts.Wrap(parts, width).Select(line => new Text(line));

    private static IEnumerable<IRenderable> Mailboxes(JobState state, int width, int height)
    {
        // The last line says how many more there are. What went wrong gets a third at least, the latest first.
        var rows = height - 1;
        var running = state.Running.Take(Math.Max(rows - state.Wrong.Count, rows - Math.Max(1, rows / 3))).ToArray();
        var wrong = state.Wrong.Reverse().Take(rows - running.Length).ToArray();
        if (running.Length + wrong.Length == 0)
            yield break;
        var names = running
            .Select(mailbox => mailbox.Mailbox)
            .Concat(wrong.Select(mailbox => mailbox.Mailbox))
            .Max(name => TextSanitizer.Width(TextSanitizer.ForTerminal(name)));
        names = Math.Clamp(names, 8, Math.Min(WidestName, width / 2));
        foreach (var mailbox in running)
            yield return Running(mailbox, names, width);
        foreach (var mailbox in wrong)
            yield return Line("✗ ", FrameParts.Bad, mailbox.Mailbox, names, JobText.Why(mailbox), width);
        string?[] more = [More(state.Running.Count - running.Length, "running"), More(state.Wrong.Count - wrong.Length, "not OK")];
        if (more.OfType<string>().ToArray() is { Length: > 0 } rest)
            yield return new Text(TextSanitizer.Fit("… " + string.Join(", ", rest), width), FrameParts.Dim);
    }

    private static Paragraph Running(MailboxState mailbox, int names, int width)
    {
        var failed = mailbox.Failed == 0 ? "" : $", {Format.Count(mailbox.Failed)} failed";
        var progress =
            mailbox.Expected == 0
                ? mailbox.Phase
                : $"{Format.Count(mailbox.Done)} / {Format.Count(mailbox.Expected)}, {Format.PerSecond(mailbox.MessagesPerSecond)}{failed}";
        return Line("▸ ", FrameParts.Busy, mailbox.Mailbox, names, progress, width);
    }

    private static Paragraph Line(string mark, Style style, string name, int names, string text, int width) =>
        new Paragraph()
            .Append(mark, style)
            .Append(TextSanitizer.Pad(TextSanitizer.ForTerminal(name), names))
            .Append("  " + TextSanitizer.Cut(TextSanitizer.ForTerminal(text), width - names - 4));

    private static string? More(int count, string what) => count == 0 ? null : $"{Format.Count(count)} more {what}";
}
