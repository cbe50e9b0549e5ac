using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Health;
using Migrator.App.Hosting;
using Migrator.App.Jobs;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.JobRuns;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator status</c>: where every mailbox of every job stands.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var job = JobArgument.Optional();
        var failed = new Option<bool>("--failed") { Description = "Only mailboxes whose last run was not complete." };
        var command = new Command("status", "Show the state of every mailbox.") { job, failed };
        command.Does(
            CommandActs.OnlyReads,
            async (parsed, context, stop) =>
            {
                await using var stores = Stores.Open(context);
                return await RunAsync(stores, parsed.GetValue(job), parsed.GetValue(failed), context, stop);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(Stores stores, string? only, bool failed, CommandContext context, CancellationToken stop)
    {
        var (screen, zone) = (new CommandOutput(context), context.Time.LocalTimeZone);
        var (paused, now) = (await stores.Queue.PausedAsync(stop), await stores.History.NowAsync(stop));
        var known = (await stores.History.MailboxesAsync(only, stop)).ToLookup(mailbox => mailbox.Job);
        var jobs = stores
            .Catalogue.Jobs.Select(job => job.Name)
            .Union(known.Select(mailboxes => mailboxes.Key))
            .Where(job => only is null || job == only)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (only is not null)
            await stores.Control.EnsureJobExistsAsync(only, stop);
        if (stores.Unread is { } unread)
            screen.Doing(unread);
        if (jobs.Count == 0)
            screen.Say(
                new JsonLine("nothing"),
                $"There is nothing to show: no job file is in {stores.Settings.Jobs}, and nothing ran yet."
            );
        // Of all jobs: proofs are in the reports of their upkeep.
        var all = only is null ? known : (await stores.History.MailboxesAsync(null, stop)).ToLookup(mailbox => mailbox.Job);
        var proofs = await new RestoreProofs(stores.History).ReadAsync(stores.Catalogue.Jobs, all, stop);
        foreach (var job in jobs)
            Show(job, [.. known[job]], proofs.GetValueOrDefault(job), stores, paused.Contains(job), failed, now, zone, screen);
        return known.SelectMany(mailboxes => mailboxes).Any(IsNotComplete) ? ExitCode.Incomplete : ExitCode.Success;
    }

    private static void Show(
        string name,
        IReadOnlyList<MailboxStatus> known,
        IReadOnlyList<ArchivedProof>? proofs,
        Stores stores,
        bool paused,
        bool failed,
        DateTimeOffset now,
        TimeZoneInfo zone,
        CommandOutput screen
    )
    {
        var (job, wanted) = (stores.Catalogue.Find(name), stores.Catalogue.Wanted(name));
        var (next, never) = (
            job is null ? null : NextRun.Of(job, now),
            job is null ? [] : job.Names.Except(known.Select(mailbox => mailbox.Mailbox)).Order(StringComparer.Ordinal).ToList()
        );
        var gone = wanted is null
            ? []
            : known.Where(mailbox => !wanted.Contains(mailbox.Mailbox)).Select(mailbox => mailbox.Mailbox).ToHashSet();
        var shown = known.Where(mailbox => !failed || IsNotComplete(mailbox)).ToList();

        var counts = known
            .CountBy(mailbox => mailbox.State)
            .OrderBy(count => count.Key)
            .Select(count => $"{Format.Count(count.Value)} {DisplayText.Of(count.Key)}")
            .Concat(never.Count > 0 ? [$"{Format.Count(never.Count)} never ran"] : Array.Empty<string>());
        var missing = stores.Unread is null
            ? "A job file is broken; \"migrator jobs list\" says which."
            : "(Jobs directory not readable: cannot tell whether this job still exists.)";
        var plan =
            wanted is null ? missing
            : job is null ? "In no job file."
            : paused ? "Paused."
            : next is { } start ? $"Next start {Format.Moment(start, zone)}."
            : "Manual.";
        screen.Say(
            new JsonLine("job")
            {
                { "job", name },
                { "paused", paused },
                { "next", next },
            },
            $"{name}: {string.Join(", ", counts)}. {plan}"
        );
        var proofOf = RestoreProofs.Finder(proofs);
        var table = new StatusTable(
            job?.IsUpkeep == true ? Operation.Upkeep
                : known.Count > 0 ? DisplayText.OperationOf(known[0].Target)
                : Operation.Copy,
            now,
            zone
        );
        screen.Table(
            "",
            table.Columns,
            [
                .. shown.Select(mailbox => table.Cells(mailbox, Proved(mailbox.Mailbox))),
                .. failed ? [] : never.Select(mailbox => StatusTable.NeverRan(mailbox, Proved(mailbox))),
            ]
        );
        if (proofs is not null)
            SayProofs(name, proofs, zone, screen);
        foreach (var mailbox in shown)
            screen.Say(new JsonLine("mailbox") { { "status", mailbox }, { "gone", gone.Contains(mailbox.Mailbox) } });
        if (never.Count > 0)
            screen.Say(new JsonLine("neverRun") { { "job", name }, { "mailboxes", never } });
        // What to do is the same for all that failed for one reason: said once, above them.
        foreach (
            var reason in shown
                .Where(mailbox => mailbox.Failure is not null)
                .GroupBy(mailbox => (mailbox.Failure!.Code, mailbox.Failure.Hint))
        )
            screen.Explain([
                $"{reason.Key.Code}: {reason.Key.Hint}",
                .. reason.Select(mailbox => $"  {name}, {mailbox.Mailbox}: {mailbox.Failure!.Detail}"),
            ]);
        if (job is not null && shown.Any(mailbox => IsNotComplete(mailbox) && !gone.Contains(mailbox.Mailbox)))
            screen.Explain($"\"migrator jobs trigger {name} --failed\" runs again what is not complete.");
        if (gone.Count > 0)
            screen.Say(
                new JsonLine("gone") { { "job", name }, { "mailboxes", gone.Count } },
                $"In no job file of {stores.Settings.Jobs}: {Format.Count(gone.Count, "mailbox", "mailboxes")} of {name}. "
                    + $"\"migrator jobs forget {name}\" removes {(gone.Count == 1 ? "it" : "them")} from this list."
            );
        screen.Explain("");

        string Proved(string mailbox) =>
            proofs is not null && job?.Mailboxes.FirstOrDefault(of => of.Name == mailbox) is { } of && proofOf(of) is { } proof
                ? Proof(proof, zone)
                : "";
    }

    private static void SayProofs(string job, IReadOnlyList<ArchivedProof> proofs, TimeZoneInfo zone, CommandOutput screen)
    {
        var (never, oldest) = (
            proofs.Count(proof => proof.Proof.Proved is null),
            proofs.FirstOrDefault(proof => proof.Proof.Proved is not null)
        );
        var since = oldest is null
            ? ""
            : $", the oldest {Format.Moment(oldest.Proof.Proved!.Value, zone)} ({DisplayText.Account(oldest.Proof.Mailbox)})";
        screen.Say(
            new JsonLine("proofs")
            {
                { "job", job },
                { "mailboxes", proofs.Count },
                { "never", never },
                { "oldestProved", oldest?.Proof.Proved },
                {
                    "proofs",
                    proofs.Select(proof => new JsonFields
                    {
                        { "archive", proof.Archive },
                        { "mailbox", proof.Proof.Mailbox },
                        { "proved", proof.Proof.Proved },
                        { "failed", proof.Proof.Failed },
                        { "frozen", proof.Proof.Frozen },
                    })
                },
            },
            [
                $"Proved restorable: {Format.Count(proofs.Count - never)} of "
                    + $"{Format.Count(proofs.Count, "mailbox", "mailboxes")}{since}.",
                .. proofs
                    .Where(proof => proof.Proof.Frozen)
                    .Take(20)
                    .Select(proof =>
                        $"Frozen: {DisplayText.Account(proof.Proof.Mailbox)} has lost most of its messages; prune keeps all its "
                        + "snapshots until \"migrator archive accept-shrunk\"."
                    ),
            ]
        );
    }

    private static string Proof(MailboxProof proof, TimeZoneInfo zone) =>
        $"{(proof.Proved is { } at ? Format.Minute(at, zone) : "never")}{(proof.Failed is null ? "" : ", last test failed")}";

    private static bool IsNotComplete(MailboxStatus mailbox) => mailbox.State.NeedsRerun();
}
