using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Progress;
using Migrator.Cli.Output;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Spectre.Console;

namespace Migrator.Cli.Commands;

/// <summary>Chooses how a command shows itself: live on a terminal, plain lines in a pipe, JSON for machines.</summary>
public sealed class Screen(Surroundings surroundings)
{
    private readonly bool _gathered = surroundings.Out != Console.Out;
    private readonly bool _live = surroundings.Out == Console.Out && !Console.IsOutputRedirected && !surroundings.Verbose && !surroundings.Json;
    private readonly JsonView _json = new(surroundings.Out, surroundings.Time);

    public Task<T> WatchAsync<T>(RunProgress progress, Func<Task<T>> run)
    {
        // Progress that is seen once all is over is none.
        if (_gathered || surroundings.Quiet)
            return run();
        IRunView view = surroundings.Json ? _json : _live ? new LiveView(AnsiConsole.Console) : new PlainView(surroundings.Out);
        return RunWatch.DuringAsync(view, progress, surroundings.Time, run);
    }

    /// <summary>Watches a run, writes its report, shows it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ReportAsync(RunProgress progress, Func<Task<RunReport>> run)
    {
        var report = await WatchAsync(progress, run).ConfigureAwait(false);
        // Written even after Ctrl-C: what was done is worth knowing then above all.
        Show(report, await KeptAsync(() => surroundings.Reports.WriteAsync(report, CancellationToken.None)).ConfigureAwait(false));
        return ExitCode.Of(report);
    }

    /// <summary>Writes the report of a verification, shows it.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ReportAsync(VerifyReport report)
    {
        Show(report, await KeptAsync(() => surroundings.Reports.WriteAsync(report, CancellationToken.None)).ConfigureAwait(false));
        return ExitCode.Of(report);
    }

    /// <returns>Null where the files cannot be written: what was done is done, and is told all the same.</returns>
    private async Task<ReportPaths?> KeptAsync(Func<Task<ReportPaths>> write)
    {
        try
        {
            var files = await write().ConfigureAwait(false);
            StandardOutput.IsOnRecord();
            return files;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            surroundings.Errors.WriteLine($"The report cannot be written to {surroundings.State}: {exception.Message}");
            return null;
        }
    }

    /// <summary>Says a few lines to a person, or one object to a program.</summary>
    public void Say(JsonLine line, params IEnumerable<string> text)
    {
        if (surroundings.Json)
            _json.Write(line);
        Explain(text);
    }

    /// <summary>Says to a person what a program has in another form already.</summary>
    public void Explain(params IEnumerable<string> text)
    {
        foreach (var words in surroundings.Json ? [] : text)
            Text.WriteLine(SafeText.ForTerminal(words));
    }

    /// <summary>A table for a person; a program gets its lines by <see cref="Say"/>.</summary>
    /// <param name="columns">A "#" before a title puts its column to the right.</param>
    public void Table(string title, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        if (surroundings.Json)
            return;
        if (title.Length > 0)
            Text.WriteLine(SafeText.ForTerminal(title));
        if (rows.Count == 0)
            return;
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
            table.AddColumn(column[0] == '#' ? new TableColumn(column[1..]).RightAligned().NoWrap() : new TableColumn(column));
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(SafeText.ForTerminal(cell))));
        Text.Write(table);
    }

    /// <summary>Says how far a command is: nothing where only its result is wanted.</summary>
    public void Progress(JsonLine line, string text)
    {
        if (!surroundings.Quiet)
            Say(line, text);
    }

    /// <summary>Says what is being done, where somebody looks.</summary>
    public void Doing(string text)
    {
        if (!surroundings.Json && !surroundings.Quiet)
            surroundings.Errors.WriteLine(text);
    }

    /// <summary>Says what a person should know, whoever reads the output.</summary>
    public void Warn(string text) => surroundings.Errors.WriteLine(SafeText.ForTerminal(text));

    public IAnsiConsole Text => _live ? AnsiConsole.Console : Terminal.Plain(surroundings.Out);

    private void Show(RunReport report, ReportPaths? files)
    {
        if (surroundings.Json)
            _json.Report(report, files);
        else if (surroundings.Quiet)
            Explain($"{Verdict.Of(report).Headline}.");
        else
            RunSummary.Write(Text, report, files);
    }

    private void Show(VerifyReport report, ReportPaths? files)
    {
        if (surroundings.Json)
            _json.Report(report, files);
        else if (surroundings.Quiet)
            Explain($"{Verdict.Of(report).Headline}.");
        else
            VerifySummary.Write(Text, report, files);
    }
}
