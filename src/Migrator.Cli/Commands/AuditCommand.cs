using System.CommandLine;
using System.Text.Json;
using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Failures;
using Migrator.Storage.Auditing;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator audit list</c> and <c>verify</c>.</summary>
internal static class AuditCommand
{
    private const int HashLength = 64;
    private const int SequenceWidth = 6;

    private static readonly Option<DateTimeOffset?> s_since = TimeOption.Create(
        "--since",
        $"Only entries since this time: {TimeOption.Forms}."
    );
    private static readonly Option<string?> s_event = new("--event")
    {
        Description = "Only this event, such as JobTriggered or LoginRefused.",
        HelpName = "EVENT",
    };
    private static readonly Option<string?> s_who = new("--who") { Description = "Only entries of this user.", HelpName = "USER" };
    private static readonly Option<string?> s_from = new("--from")
    {
        Description = "Hash from an earlier verify: the trail must contain its entry unchanged. Older files may have been moved away.",
        HelpName = "HASH",
    };

    public static Command Create()
    {
        var list = new Command("list", "List who did what.") { s_since, s_event, s_who };
        list.Does(CommandActs.OnlyReads, (parsed, context, stop) => Task.FromResult(Reading(context, () => List(parsed, context, stop))));
        var verify = new Command("verify", "Verify that no entry of the audit trail was removed or changed.") { s_from };
        verify.Does(
            CommandActs.OnlyReads,
            (parsed, context, stop) => Task.FromResult(Reading(context, () => Verify(parsed.GetValue(s_from), context, stop)))
        );
        return new Command("audit", "List and verify the audit trail: logins and actions.") { list, verify };
    }

    private static int List(ParseResult parsed, CommandContext context, CancellationToken stop)
    {
        var (screen, reading, since) = (
            new CommandOutput(context),
            new AuditReading(context.Paths.Root),
            parsed.GetValue(s_since) ?? DateTimeOffset.MinValue
        );
        var shown = 0;
        foreach (var line in reading.Lines())
        {
            stop.ThrowIfCancellationRequested();
            var who = line.Json.GetProperty("who");
            if (
                line.Time < since
                || (parsed.GetValue(s_event) is { } name && !name.Equals(line.Event, StringComparison.OrdinalIgnoreCase))
                || (parsed.GetValue(s_who) is { } person && !person.Equals(Text(who, "name"), StringComparison.OrdinalIgnoreCase))
            )
                continue;
            shown++;
            if (context.Json)
                context.Out.WriteLine(line.Json.GetRawText());
            else
                screen.Item(Words(line, who), SequenceWidth + 2);
        }
        if (shown == 0)
            screen.Explain(
                $"There are no entries in {reading.Directory}{(since > DateTimeOffset.MinValue ? $" since {since.UtcDateTime:u}" : "")}."
            );
        if (reading.Damaged > 0)
            screen.Warn($"{Format.Count(reading.Damaged, "line")} cannot be read. \"migrator audit verify\" names what is wrong.");
        return ExitCode.Success;
    }

    private static int Verify(string? from, CommandContext context, CancellationToken stop)
    {
        from = from?.ToLowerInvariant();
        if (from is not null && (from.Length != HashLength || !from.All(char.IsAsciiHexDigit)))
            throw new ConfigurationException(
                "command line",
                [new ConfigurationError(s_from.Name, $"must be the {HashLength} hexadecimal digits that \"migrator audit verify\" showed.")]
            );
        var report = new AuditVerification(context.Paths.Root, from).Run(stop);
        new CommandOutput(context).Say(
            new JsonLine("auditVerified") { { "report", report } },
            [
                $"{report.Directory}: {Format.Count(report.Lines, "line")} in "
                    + $"{Format.Count(report.Files, "file")}{(report.Lines > 0 ? $", sequences {report.First} to {report.Last}" : "")}.",
                .. report.Notes.Select(note => $"  {Place(note)}{note.What}"),
                .. report.Faults.Select(fault => $"Problem: {Place(fault)}{fault.What}"),
                .. report.FaultCount > report.Faults.Count
                    ? [$"and {Format.Count(report.FaultCount - report.Faults.Count, "problem")} more."]
                    : Array.Empty<string>(),
                report.FaultCount > 0
                    ? $"{Format.Count(report.FaultCount, "problem")}: the trail is not as it was written."
                    : $"The hash chain is intact{(from is null ? "" : ", and it contains the given hash")}.",
                .. report.Lines > 0
                    ?
                    [
                        $"Hash of the last line: {report.Head}",
                        "Keep it where nobody who can write to this directory can change it, and give it to a later verify with --from.",
                    ]
                    : Array.Empty<string>(),
            ]
        );
        return report.FaultCount == 0 ? ExitCode.Success : ExitCode.Incomplete;
    }

    private static string Place(AuditFault fault) => fault.Line > 0 ? $"{fault.File}, line {fault.Line}: " : "";

    private static string Words(AuditLine line, JsonElement who)
    {
        var json = line.Json;
        var place = string.Join(
            ", ",
            new[]
            {
                Text(who, "login") is { } login ? $"logged in as {login}" : null,
                Text(who, "address"),
                Text(who, "host"),
            }.OfType<string>()
        );
        var what = string.Join(", ", json.GetProperty("what").EnumerateObject().Select(part => $"{part.Name} {part.Value}"));
        var of = json.TryGetProperty("of", out var begun) ? $" (of {begun})" : "";
        var detail = Text(json, "detail") is { } text ? $": {text}" : "";
        return $"{line.Sequence, SequenceWidth}  {line.Time.UtcDateTime:u}  {line.Event}  {Text(who, "name")} "
            + $"({Text(who, "kind")}{(place.Length > 0 ? $", {place}" : "")})  "
            + $"{(what.Length > 0 ? $"{what}  " : "")}{Text(json, "outcome")}{of}{detail}";
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static int Reading(CommandContext context, Func<int> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                context.Paths.Root,
                [
                    new ConfigurationError(
                        "audit",
                        $"the trail cannot be read: {exception.Message} Only the user that the service runs as can read its files."
                    ),
                ]
            );
        }
    }
}
