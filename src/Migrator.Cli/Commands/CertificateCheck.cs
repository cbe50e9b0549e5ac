using Migrator.App.Certificates;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator certificate verify</c>.</summary>
/// <param name="trusted">Fingerprint of the signer; null for anyone.</param>
/// <param name="against">The account to read again; null for none.</param>
internal sealed class CertificateCheck(string path, string? trusted, MailServer? against, CommandContext context)
{
    private const int MostListed = 1000;

    public async Task<int> RunAsync(CancellationToken stop)
    {
        using var target = against is null ? null : new CertifiedTarget(context.Paths.Spools);
        var verification = new CertificateVerification(path, trusted, target is null ? null : target.Add);
        verification.Run(stop);
        var (problems, more, compared) = (verification.Problems.ToList(), 0L, (long?)null);
        if (against is not null && target is not null && problems.Count == 0)
            compared = await CompareAsync(verification, against, target, Add, stop);
        Say(verification, problems, more, compared, target?.Unknown ?? 0);
        return problems.Count == 0 ? ExitCode.Success : ExitCode.Incomplete;

        void Add(CertificateProblem problem)
        {
            if (problems.Count < MostListed)
                problems.Add(problem);
            else
                more++;
        }
    }

    private async Task<long> CompareAsync(
        CertificateVerification verification,
        MailServer account,
        CertifiedTarget target,
        Action<CertificateProblem> found,
        CancellationToken stop
    )
    {
        if (verification.End?.Mailbox is null)
            throw new ConfigurationException(
                "command line",
                [new ConfigurationError("--against", "requires the certificate of one mailbox, and this is that of a job.")]
            );
        var (screen, progress) = (new CommandOutput(context), new RunProgress());
        if (verification.End.Target != account.Account)
            screen.Warn($"The certificate is about {verification.End.Target}; {account.Account} is compared with it.");
        return await screen.WatchAsync(
            progress,
            async () =>
            {
                await using var session = await context.Sessions.Source(account)(NullUidMap.Instance, stop);
                return await new CertificateComparison(target, Path.GetFileName(path), progress, found).RunAsync(session, stop);
            }
        );
    }

    private void Say(CertificateVerification verification, List<CertificateProblem> problems, long more, long? compared, long unknown)
    {
        var screen = new CommandOutput(context);
        var line = new JsonLine("certificateVerified")
        {
            { "file", Path.GetFullPath(path) },
            { "intact", problems.Count == 0 },
            { "verdict", verification.End?.Verdict },
            { "root", verification.End?.Root },
            { "signer", verification.Signer },
            { "trusted", trusted is not null && verification.Signer == trusted },
            { "timeStamp", verification.Time?.Time },
            { "compared", compared },
            {
                "problems",
                problems.Select(problem => new JsonFields
                {
                    { "code", problem.Code },
                    { "file", problem.File },
                    { "detail", problem.Detail },
                })
            },
        };
        List<string> words =
        [
            .. problems.Select(problem => $"Problem: {problem.File}: {problem.Detail}. [{problem.Code}]"),
            .. more > 0 ? [$"and {Format.Count(more, "problem")} more."] : Array.Empty<string>(),
            verification.Signer is not { } signer ? "Not signed."
            : trusted is null
                ? $"Signed by {signer}: this signer is not known beyond its fingerprint. Name the signer that you trust with --trust."
            : signer == trusted ? $"Signed by {signer}, the trusted signer."
            : $"Signed by {signer}, not by the trusted signer.",
        ];
        if (verification.Time is { } time)
            words.Add(
                $"Time stamp of {Format.Moment(time.Time)} by {time.Authority}, {time.Fingerprint}. Whether this authority can be trusted "
                    + "was not examined."
            );
        if (compared is { } count)
            words.Add($"{Format.Count(count, "message")} at the target compared.");
        if (unknown > 0)
            words.Add($"{Format.Count(unknown, "message")} not compared: the certificate does not say which copy is theirs.");
        if (problems.Count == 0)
            words.Add(
                $"The certificate {(verification.Mailboxes.Count > 0 ? "and those of its mailboxes are" : "is")} intact. "
                    + $"Verdict: {verification.End?.Verdict}."
            );
        screen.Say(line, words);
    }
}
