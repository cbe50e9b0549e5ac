using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Reports;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Plans;
using Migrator.Core.Reports;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator plan</c>, and what <c>migrator run --plan</c> takes of it.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var (which, only) = (JobArgument.Create(), JobArgument.Only());
        var command = new Command(
            "plan",
            "Write down what a run of a job would do, for a person to read and a run to carry out. Changes nothing."
        )
        {
            which,
            only,
        };
        command.Does(
            CommandActs.OnlyReads,
            (parsed, context, stop) =>
            {
                var job = JobArgument.Read(parsed.GetRequiredValue(which), context);
                return OfJob.RunAsync(
                    job,
                    parsed.GetValue(only) ?? [],
                    JobTask.Plan,
                    CheckCommand.PlanAsync,
                    (_, _, _, _, _) =>
                        throw Wrong(job.File, "is a backup, which adds to an archive only. \"migrator check\" shows what it would store."),
                    context,
                    stop
                );
            }
        );
        return command;
    }

    /// <summary>The job that does what was planned, for the mailboxes that a plan is for.</summary>
    /// <param name="path">Of the plan.</param>
    /// <param name="drift">In percent.</param>
    /// <returns>The job, and the mailboxes that are planned.</returns>
    /// <exception cref="ConfigurationException">The plan is of another job, or the job has changed since.</exception>
    public static (JobDefinition Job, IReadOnlyCollection<string> Mailboxes) Apply(JobDefinition job, string path, int drift)
    {
        var (planned, mailboxes) = (new HashSet<string>(), new List<JobMailbox>());
        var plans = PlanFile.Read(path).ToDictionary(plan => (plan.Source, plan.Target));
        foreach (var mailbox in job.Mailboxes)
        {
            if (mailbox.Job is not MigrateJob migrate || !plans.Remove((migrate.Transfer.Source, migrate.Transfer.Target), out var plan))
            {
                mailboxes.Add(mailbox);
                continue;
            }
            if (plan.DeletionMode != migrate.Follow?.Deletions)
                throw Wrong(path, "was made when the job followed deletions otherwise (\"follow\"). Make a new plan.");
            planned.Add(mailbox.Name);
            mailboxes.Add(mailbox with { Job = migrate with { Plan = new AppliedPlan(plan, drift) } });
        }
        if (plans.Values.FirstOrDefault() is { } other)
            throw Wrong(path, $"is for {other.Source} -> {other.Target}, which is not a mailbox of this job.");
        return (job with { Mailboxes = mailboxes }, planned);
    }

    private static ConfigurationException Wrong(string file, string why) => new(file, [new ConfigurationError("$", why)]);
}
