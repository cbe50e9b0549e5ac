using System.CommandLine;
using System.CommandLine.Parsing;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;

namespace Migrator.App.Commands;

/// <summary>Gives commands what they do. Anyone who adds one says here whether it changes something: then it is recorded before it is
/// done.</summary>
public static class CommandActs
{
    /// <summary>Of a command that changes nothing.</summary>
    public static AuditEvent? OnlyReads => null;

    /// <summary>Of a command whose acts are recorded where page and command line meet.</summary>
    public static AuditEvent? ByJobControl => null;

    // What of a command line says what was done, and to what. Never where secrets are: anyone who gave one in place of a reference has it
    // recorded otherwise.
    private static readonly HashSet<string> s_shown =
    [
        "archive",
        "job",
        "source",
        "target",
        "directory",
        "--only",
        "--failed",
        "--remove-late-duplicates",
        "--allow-deletions",
        "--plan",
        "--drift",
        "--again",
        "--sweep-days",
        "--most",
        "--accept-incomplete",
        "--expect-mx",
        "--no-certificate",
        "--into",
        "--expunge",
        "--include",
        "--exclude",
        "--mailbox",
        "--at",
        "--folder",
        "--message",
        "--uid",
        "--to",
        "--mode",
        "--format",
        "--labels",
        "--id",
        "--kdf",
        "--immutable-days",
        "--keep-last",
        "--keep-daily",
        "--keep-weekly",
        "--keep-monthly",
        "--keep-yearly",
        "--grace-hours",
        "--set-aside",
        "--accept-set-back",
        "--force",
        "--all",
        "--priority",
        "--tier",
        "--recovery",
        "--provider",
        "--tenant",
        "--client-id",
        "--user",
    ];

    /// <param name="act">What it is in the audit trail; <see cref="OnlyReads"/> or <see cref="ByJobControl"/>.</param>
    /// <param name="onlyReads">By these options it changes nothing.</param>
    public static void Does(
        this Command command,
        AuditEvent? act,
        Func<ParseResult, CommandContext, CancellationToken, Task<int>> run,
        Purpose purpose = Purpose.Copy,
        Func<ParseResult, bool>? onlyReads = null
    ) =>
        command.SetAction(
            (parsed, stop) =>
                CommandRunner.RunAsync(
                    GlobalOptions.Open(parsed, stop),
                    context =>
                        RecordedAsync(
                            context,
                            onlyReads?.Invoke(parsed) == true ? OnlyReads : act,
                            Subject(parsed),
                            () => run(parsed, context, stop)
                        ),
                    purpose
                )
        );

    /// <param name="act">Null for what changes nothing.</param>
    public static Task<int> RecordedAsync(CommandContext context, AuditEvent? act, AuditSubject what, Func<Task<int>> run) =>
        act is null
            ? run()
            : context.Auditor.ActAsync(
                act,
                what,
                run,
                code => (Outcome(code), context.Outcome ?? (code == ExitCode.Success ? null : $"exit code {code}"))
            );

    /// <param name="archive">Where it lies, as its reference or its job file says; null where there is none.</param>
    public static AuditSubject Subject(ParseResult parsed, string? archive = null)
    {
        var subject = AuditSubject.Of(("archive", archive));
        var command = parsed.CommandResult.Command;
        foreach (var argument in command.Arguments.Where(argument => s_shown.Contains(argument.Name)))
            Add(argument.Name == "archive" && archive is not null ? "given" : argument.Name, parsed.GetResult(argument)?.Tokens);
        foreach (var option in command.Options.Where(option => s_shown.Contains(option.Name)))
        {
            if (parsed.GetResult(option) is { Implicit: false } result)
                Add(option.Name[2..], result.Tokens);
        }
        return subject;

        void Add(string name, IReadOnlyList<Token>? tokens)
        {
            if (tokens is null)
                return;
            var value = tokens.Count == 0 ? "yes" : string.Join(", ", tokens.Select(token => Harmless(token.Value)));
            if (value != archive)
                subject.Add(KeyValuePair.Create(name, value));
        }
    }

    private static string Outcome(int code) =>
        code switch
        {
            ExitCode.Success => AuditOutcome.Done,
            ExitCode.Incomplete => AuditOutcome.Incomplete,
            ExitCode.Interrupted => AuditOutcome.Stopped,
            _ => AuditOutcome.Failed,
        };

    /// <summary>Addresses without what may be secret in them: the password beside a user, the signature in a query.</summary>
    private static string Harmless(string text)
    {
        if (text.IndexOf("://", StringComparison.Ordinal) is not (var scheme and > 0))
            // Someone who gave a password beside an address, where only the address belongs.
            return text.IndexOf(':') is var given and >= 0 && text.LastIndexOf('@') is var address && address > given
                ? text[..given] + text[address..]
                : text;
        var bare = text[..(text.IndexOfAny(['?', '#']) is var query and >= 0 ? query : text.Length)];
        var (from, at) = (scheme + 3, bare.LastIndexOf('@'));
        return at > from && bare.IndexOf(':', from, at - from) is var colon and >= 0 ? bare[..colon] + bare[at..] : bare;
    }
}
