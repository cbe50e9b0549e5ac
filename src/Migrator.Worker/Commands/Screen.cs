using Migrator.Core.Runs;
using Migrator.Worker.Reports;
using Migrator.Worker.Views;
using Spectre.Console;

namespace Migrator.Worker.Commands;

/// <summary>Chooses how a command shows itself: live on a terminal, plain lines in a pipe, JSON for machines.</summary>
public sealed class Screen(Surroundings surroundings)
{
    private readonly bool _live = !Console.IsOutputRedirected && !surroundings.Verbose && !surroundings.Json;
    private readonly JsonView _json = new(Console.Out, surroundings.Time);

    public Task<T> WatchAsync<T>(RunProgress progress, Func<Task<T>> run)
    {
        IRunView view = surroundings.Json ? _json : _live ? new LiveView(AnsiConsole.Console) : new PlainView(Console.Out);
        return RunWatch.DuringAsync(view, progress, surroundings.Time, run);
    }

    public IAnsiConsole Text => _live ? AnsiConsole.Console : Terminal.Plain(Console.Out);

    public void Show(RunReport report, ReportPaths files)
    {
        if (surroundings.Json)
            _json.Report(report, files);
        else
            RunSummary.Write(Text, report, files);
    }

    public void Show(VerifyReport report, ReportPaths files)
    {
        if (surroundings.Json)
            _json.Report(report, files);
        else
            VerifySummary.Write(Text, report, files);
    }
}
