using System.Globalization;
using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.Core.Migrations;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>Shows what a run would do.</summary>
public static class PreflightView
{
    public static void Write(IAnsiConsole console, Preflight preflight)
    {
        var plan = preflight.Plan;
        console.MarkupLineInterpolated($"Job [bold]{preflight.Job}[/]: {preflight.Source} -> {preflight.Target}. Both ends let us in; nothing was changed.");
        var table = new Table().Border(TableBorder.Simple).AddColumn("Folder").AddColumn("becomes").AddColumn(new TableColumn("Messages").RightAligned());
        foreach (var mapping in plan.Mappings)
            table.AddRow(Cell(mapping.Source.Path), Cell($"{mapping.Target}{(mapping.Exists ? "" : "  (new)")}"), Cell(Count(mapping.Source.State?.Count)));
        foreach (var folder in plan.Excluded)
            table.AddRow(Cell(folder.Path), Cell("left out by rule"), Cell(Count(folder.State?.Count)));
        console.Write(table);
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{plan.Mappings.Count:N0} folders, {preflight.Messages:N0} messages.");
        var limit = preflight.Traits.MaxSize is { } size ? $"messages up to {Format.Size(size)}" : "messages of any size that it announces no limit for";
        console.MarkupLineInterpolated($"The target takes {limit}, {(preflight.Traits.MaxBatch > 1 ? $"up to {preflight.Traits.MaxBatch} at a time" : "one at a time")}.");
        foreach (var notice in plan.Notices)
            console.MarkupLineInterpolated($"[yellow]Note:[/] {SafeText.ForTerminal(notice)}");
        foreach (var problem in plan.Obstacles)
            console.MarkupLineInterpolated($"[red]Problem:[/] {SafeText.ForTerminal(problem)}");
        if (plan.Obstacles.Count == 0)
            console.MarkupLine("[green]Ready to run.[/]");

        static Text Cell(object text) => new(SafeText.ForTerminal(text.ToString()!));
    }

    /// <summary>The same for a program.</summary>
    public static JsonLine Line(Preflight preflight) => new("check")
    {
        { "job", preflight.Job },
        { "source", preflight.Source },
        { "target", preflight.Target },
        {
            "folders", preflight.Plan.Mappings.Select(mapping => new JsonFields
            {
                { "source", mapping.Source.Path }, { "target", mapping.Target }, { "exists", mapping.Exists }, { "messages", mapping.Source.State?.Count },
            })
        },
        { "excluded", preflight.Plan.Excluded.Select(folder => folder.Path).ToList() },
        { "notices", preflight.Plan.Notices },
        { "problems", preflight.Plan.Obstacles },
    };

    private static string Count(int? count) => count is { } known ? Format.Count(known) : "?";
}
