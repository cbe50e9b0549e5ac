using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Progress;
using Migrator.App.Reports;
using Migrator.Cli.Output;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Commands;

/// <summary>Chooses how a command shows itself: live on a terminal, plain lines in a pipe, JSON for machines.</summary>
public sealed class CommandOutput(CommandContext context)
{
    private readonly bool _gathered = context.Out != Console.Out;
    private readonly bool _live = context.Out == Console.Out && !Console.IsOutputRedirected && !context.Verbose && !context.Json;
    private readonly JsonView _json = new(context.Out, context.Time);

    public Task<T> WatchAsync<T>(RunProgress progress, Func<Task<T>> run)
    {
        // Progress that is seen once all is over is none.
        if (_gathered || context.Quiet)
            return run();
        IView<RunState> view =
            context.Json ? _json
            : _live ? new LiveView<RunState>(AnsiConsole.Console, LiveProgressRenderer.Of)
            : new PlainView(context.Out);
        return ProgressSampler.DuringAsync(view, progress, context.Time, run);
    }

    /// <summary>Watches the mailboxes of a job.</summary>
    /// <param name="asks">A password may have to be typed meanwhile: a picture would be drawn over the question.</param>
    public Task<T> WatchAsync<T>(JobProgress progress, bool asks, Func<Task<T>> run)
    {
        IView<JobState>? view =
            context.Json || context.Quiet ? null
            : _live && !asks ? new LiveView<JobState>(AnsiConsole.Console, JobFrame.Of)
            : new JobLines(context.Out);
        return view is null ? run() : Watching.DuringAsync(view, progress.Read, context.Time, run);
    }

    /// <summary>Watches a run, writes its report, shows it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ReportAsync(RunProgress progress, Func<Task<RunReport>> run) =>
        await ReportAsync(await WatchAsync(progress, run));

    /// <summary>Writes the report of a run, shows it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ReportAsync(RunReport report)
    {
        // Written even after Ctrl-C: what was done is worth knowing then above all.
        Show(report, await KeptAsync(() => context.Reports.WriteAsync(report, CancellationToken.None)));
        return ExitCode.Of(report);
    }

    /// <summary>Writes the report of a verification, shows it.</summary>
    public async Task<MailboxResult> ReportAsync(VerifyReport report)
    {
        var files = await KeptAsync(() => context.Reports.WriteAsync(report, CancellationToken.None));
        Show(report, files);
        return JobReportFiles.Linked(MailboxResults.Of(report.Job, report, ExitCode.Of(report)), files);
    }

    /// <summary>Writes the overview of a job's mailboxes, shows it.</summary>
    /// <param name="directory">Null where nothing is written.</param>
    /// <param name="line">The last line for a program; gets the exit code and the files.</param>
    /// <returns>The exit code: of the mailboxes, the highest, as the worst matters.</returns>
    public async Task<int> ReportAsync(JobReport report, JobReportFiles? directory, JsonLine line)
    {
        var files = directory is null ? null : await KeptAsync(() => directory.WriteAsync(report, CancellationToken.None));
        var code = report.IsInterrupted
            ? ExitCode.Interrupted
            : report.Mailboxes.Select(mailbox => mailbox.ExitCode).DefaultIfEmpty(ExitCode.Success).Max();
        line.Add("exitCode", code);
        line.Add("jsonFile", files?.Json);
        line.Add("htmlFile", files?.Html);
        if (context.Json)
            _json.Write(line);
        else if (context.Quiet)
            Explain(JobSummary.Brief(report));
        else
            JobSummary.Write(Text, report, files);
        return code;
    }

    /// <summary>Writes the report of one of several mailboxes.</summary>
    /// <returns>The result, with the files where they could be written.</returns>
    public async Task<MailboxResult> KeptAsync(JobReportFiles? directory, MailboxResult result, RunReport report) =>
        directory is null
            ? result
            : JobReportFiles.Linked(result, await KeptAsync(() => directory.Of(result.Mailbox).WriteAsync(report, CancellationToken.None)));

    /// <summary>Makes the directory of the reports of a job.</summary>
    /// <returns>Null where it cannot be made.</returns>
    public JobReportFiles? Directory(string job, DateTimeOffset started, JobTask task)
    {
        try
        {
            return JobReportFiles.Create(context.Paths.Reports, context.Time.LocalTimeZone, job, started, task);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            NotKept(exception);
            return null;
        }
    }

    /// <returns>Null where the files cannot be written: what was done is done, and is reported all the same.</returns>
    private async Task<ReportPaths?> KeptAsync(Func<Task<ReportPaths>> write)
    {
        try
        {
            var files = await write();
            StandardOutput.IsOnRecord();
            return files;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            NotKept(exception);
            return null;
        }
    }

    private void NotKept(Exception exception) =>
        context.Errors.WriteLine($"The report cannot be written to {context.Paths.Root}: {exception.Message}");

    /// <summary>Says a few lines to a person, or one object to a program.</summary>
    public void Say(JsonLine line, params IEnumerable<string> text)
    {
        if (context.Json)
            _json.Write(line);
        Explain(text);
    }

    /// <summary>Says to a person what a program has in another form already.</summary>
    public void Explain(params IEnumerable<string> text)
    {
        foreach (var words in text)
            Wrap(words, null);
    }

    /// <summary>Likewise, one of several: what does not fit on its line goes on below it.</summary>
    /// <param name="hanging">Where it goes on.</param>
    public void Item(string text, int hanging) => Wrap(text, hanging);

    private void Wrap(string text, int? hanging)
    {
        if (context.Json)
            return;
        var (console, words) = (Text, TextSanitizer.ForTerminal(text));
        // Wrapped between words for a person; in a pipe, never.
        console.Profile.Out.Writer.WriteLine(_live ? WordWrap.Text(words, console.Profile.Width, hanging) : words);
    }

    /// <summary>Likewise, without wrapping: a path is copied from the terminal.</summary>
    public void Whole(params IEnumerable<string> text)
    {
        foreach (var line in context.Json ? [] : text.Select(TextSanitizer.ForTerminal))
            Text.Profile.Out.Writer.WriteLine(line);
    }

    /// <summary>Asks a person, who answers behind it.</summary>
    public void Ask(string question)
    {
        var words = TextSanitizer.ForTerminal(question);
        context.Errors.Write($"{(_live ? WordWrap.Text(words, Text.Profile.Width, null) : words)} ");
        context.Errors.Flush();
    }

    /// <summary>A table for a person, with a line for each row, whatever the width of the terminal is; a program gets its lines by
    /// <see cref="Say"/>.</summary>
    /// <param name="title">Stands above it; empty for nothing.</param>
    public void Table(string title, IReadOnlyList<FittedColumn> columns, IReadOnlyList<string[]> rows)
    {
        if (title.Length > 0)
            Explain(title);
        if (!context.Json && rows.Count > 0)
            new SummaryWriter(Text).Table(columns, rows);
    }

    /// <summary>Says to a program how far a command is; a person watches it.</summary>
    public void Progress(JsonLine line)
    {
        if (!context.Quiet)
            Say(line);
    }

    /// <summary>Says what is being done, where somebody looks.</summary>
    public void Doing(string text)
    {
        if (!context.Json && !context.Quiet)
            context.Errors.WriteLine(text);
    }

    /// <summary>Says what a person should know, no matter who reads the output.</summary>
    public void Warn(string text) => context.Errors.WriteLine(TextSanitizer.ForTerminal(text));

    public IAnsiConsole Text => _live ? AnsiConsole.Console : Terminal.Plain(context.Out);

    private void Show(RunReport report, ReportPaths? files)
    {
        if (context.Json)
            _json.Report(report, files);
        else if (context.Quiet)
            Explain($"{Verdict.Of(report).Headline}.");
        else
            RunSummary.Write(Text, report, files);
    }

    private void Show(VerifyReport report, ReportPaths? files)
    {
        if (context.Json)
            _json.Report(report, files);
        else if (context.Quiet)
            Explain($"{Verdict.Of(report).Headline}.");
        else
            VerifySummary.Write(Text, report, files);
    }
}
