using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.App.Settings;
using Migrator.Cli.Output;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator login</c>: a person allows access in a browser, once; jobs then run unattended.</summary>
internal static class LoginCommand
{
    private static readonly Option<string[]> s_only = JobArgument.Only();
    private static readonly Option<bool> s_notify = new("--notify")
    {
        Description = "The mailbox that notifications are sent with (Notify:Mail:Auth in the settings).",
    };

    public static Command Create()
    {
        var job = Job();
        var missing = new Option<bool>("--missing") { Description = "Only mailboxes that nobody has logged in to yet." };
        var account = new AccountOptions();
        var command = new Command(
            "login",
            "Log in to mailboxes in a browser, once, where their provider requires it. Jobs then run unattended."
        )
        {
            job,
            s_only,
            s_notify,
            missing,
        };
        account.AddTo(command);
        command.Does(
            AuditEvent.AccessStored,
            (parsed, context, stop) => LogInAsync(Accounts(parsed, job, account, context), parsed.GetValue(missing), context, stop)
        );
        command.Add(List());
        command.Add(Revoke());
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List stored logins: mailbox, server, client, last renewal. Shows no secret.");
        command.Does(CommandActs.OnlyReads, (_, context, stop) => ListAsync(context, stop));
        return command;
    }

    private static Command Revoke()
    {
        var job = Job();
        var all = new Option<bool>("--all") { Description = "All stored logins. They are deleted here only." };
        var account = new AccountOptions();
        var command = new Command("revoke", "Delete stored logins, and revoke them at the server where it offers that.")
        {
            job,
            s_only,
            s_notify,
            all,
        };
        account.AddTo(command);
        command.Does(
            AuditEvent.AccessRevoked,
            (parsed, context, stop) =>
                !parsed.GetValue(all) ? RevokeAsync(Accounts(parsed, job, account, context), context, stop)
                : !NamesJob(parsed, job) && !account.IsGiven(parsed) && !parsed.GetValue(s_notify) ? RevokeAllAsync(context, stop)
                : throw Wrong("--all", "is given beside a job or an account. Give one of them.")
        );
        return command;
    }

    private static Argument<string?> Job()
    {
        var job = JobArgument.Optional();
        job.Description = "A job file, or the name of a job in the jobs directory; or else --provider.";
        return job;
    }

    private static async Task<int> LogInAsync(
        IReadOnlyList<LoginAccount> all,
        bool onlyMissing,
        CommandContext context,
        CancellationToken stop
    )
    {
        var screen = new CommandOutput(context);
        using var flows = context.OpenLoginFlows();
        var known = onlyMissing ? (await context.Stores.OpenLogins().ListAsync(stop)).Select(login => login.Key).ToHashSet() : [];
        var accounts = all.Where(account => !known.Contains(flows.KeyOf(account.Tokens, account.User))).ToList();
        var (code, done) = (ExitCode.Success, 0);
        foreach (var (tokens, user) in accounts)
        {
            try
            {
                var account = await flows.LogInAsync(tokens, user, context.Secrets.Resolve, new LoginPrompt(screen, user), stop);
                done++;
                screen.Say(
                    new JsonLine("loggedIn") { { "mailbox", user }, { "account", account } },
                    account is null || account.Equals(user, StringComparison.OrdinalIgnoreCase)
                        ? $"{user}: logged in."
                        : $"{user}: {account} has logged in. That account must be allowed to open the mailbox."
                );
            }
            // The others can still log in.
            catch (MailException exception) when (accounts.Count > 1)
            {
                code = Math.Max(code, Failed(user, exception, screen));
            }
        }
        context.Outcome = $"{done} of {accounts.Count}";
        if (accounts.Count == 0)
            screen.Say(new JsonLine("nothing"), "Nobody is missing: each mailbox has a stored login.");
        if (accounts.Count > 1)
            screen.Say(
                new JsonLine("logins") { { "mailboxes", accounts.Count }, { "loggedIn", done } },
                $"{Format.Count(done)} of {Format.Count(accounts.Count, "mailbox", "mailboxes")} logged in."
            );
        return code;
    }

    private static async Task<int> ListAsync(CommandContext context, CancellationToken stop)
    {
        var (screen, zone) = (new CommandOutput(context), context.Time.LocalTimeZone);
        var logins = await context.Stores.OpenLogins().ListAsync(stop);
        foreach (var login in logins)
            screen.Say(
                new JsonLine("login")
                {
                    { "mailbox", login.Key.User },
                    { "server", login.Key.Server },
                    { "client", login.Key.Client },
                    { "renewed", login.Renewed },
                }
            );
        screen.Table(
            "",
            [
                new FittedColumn("Mailbox", Least: 15, IsSentence: true),
                new FittedColumn("Server", Least: 12, IsSentence: true),
                new FittedColumn("Client", Least: 8, IsSentence: true),
                new FittedColumn("Renewed"),
            ],
            [
                .. logins.Select(login =>
                    new[] { login.Key.User, new Uri(login.Key.Server).Authority, login.Key.Client, Format.Minute(login.Renewed, zone) }
                ),
            ]
        );
        if (logins.Count == 0)
            screen.Say(new JsonLine("nothing"), "There are no stored logins.");
        return ExitCode.Success;
    }

    private static async Task<int> RevokeAsync(IReadOnlyList<LoginAccount> accounts, CommandContext context, CancellationToken stop)
    {
        var screen = new CommandOutput(context);
        using var flows = context.OpenLoginFlows();
        var code = ExitCode.Success;
        foreach (var (tokens, user) in accounts)
        {
            LoginRevocation revocation;
            try
            {
                revocation = await flows.RevokeAsync(tokens, user, context.Secrets.Resolve, stop);
            }
            // The others can still be revoked.
            catch (MailException exception) when (accounts.Count > 1)
            {
                code = Math.Max(code, Failed(user, exception, screen));
                continue;
            }
            screen.Say(
                new JsonLine("revoked")
                {
                    { "mailbox", user },
                    { "deleted", revocation != LoginRevocation.Missing },
                    { "atServer", revocation == LoginRevocation.AtServer },
                },
                revocation switch
                {
                    LoginRevocation.Missing => $"{user}: nobody had logged in.",
                    LoginRevocation.AtServer => $"{user}: the login is deleted, and revoked at the server.",
                    _ => $"{user}: the login is deleted here. {Elsewhere(tokens)}",
                }
            );
        }
        return code;
    }

    private static async Task<int> RevokeAllAsync(CommandContext context, CancellationToken stop)
    {
        var count = await context.Stores.OpenLogins().RemoveAllAsync(stop);
        new CommandOutput(context).Say(
            new JsonLine("revokedAll") { { "logins", count } },
            $"{Format.Count(count, "stored login is", "stored logins are")} deleted here. Revoke access at the providers too."
        );
        return ExitCode.Success;
    }

    /// <returns>The exit code.</returns>
    private static int Failed(string user, MailException exception, CommandOutput screen)
    {
        screen.Warn($"{user}: {exception.Message} [{exception.Reason.Code}]");
        screen.Warn(Hints.Of(exception.Reason, Purpose.Copy));
        return ExitCode.Of(exception.Reason);
    }

    private static string Elsewhere(TokenSettings tokens) =>
        tokens is MicrosoftTokens
            ? "The user ends it at Microsoft on https://myapps.microsoft.com (Manage your application); an administrator revokes all "
                + "sessions of the user in the Microsoft Entra admin center."
            : "Revoke it at the server too.";

    /// <summary>Those of a job that a person must allow, each once; or the one of the options.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    private static IReadOnlyList<LoginAccount> Accounts(
        ParseResult parsed,
        Argument<string?> job,
        AccountOptions account,
        CommandContext context
    )
    {
        if (parsed.GetValue(s_notify))
            return !NamesJob(parsed, job) && !account.IsGiven(parsed)
                ? [OfNotifications(context)]
                : throw Wrong("--notify", "is given beside a job or an account. Give one of them.");
        if (account.Read(parsed) is { } one)
            return !NamesJob(parsed, job) ? [one] : throw Wrong("--provider", "is given beside a job or --only. Give one of them.");
        if (account.IsGiven(parsed))
            throw Wrong("--provider", "is missing: the other options of an account need it. Of a job, --only names mailboxes.");
        if (parsed.GetValue(job) is not { } name)
            throw Wrong("JOB", "is missing. Name a job, an account with --provider, --client-id and --user, or --notify.");
        var definition = JobArgument.Read(name, context);
        var only = MailboxSelection.Of(definition, parsed.GetValue(s_only) ?? []);
        List<LoginAccount> accounts =
        [
            .. definition
                .Mailboxes.Where(mailbox => only is null || only.Contains(mailbox.Name))
                .SelectMany(mailbox => Servers(mailbox.Job))
                .Where(server => server.Tokens is { IsInteractive: true })
                .Select(server => new LoginAccount(server.Tokens!, server.User))
                .Distinct(),
        ];
        return accounts.Count > 0
            ? accounts
            : throw new ConfigurationException(
                definition.File,
                [
                    new ConfigurationError(
                        "auth",
                        "no server of this job has a login in a browser (\"deviceCode\": true, or \"clientId\" of Google, or "
                            + "\"deviceEndpoint\" or \"authorizationEndpoint\" of another server). It can run without one."
                    ),
                ]
            );
    }

    private static bool NamesJob(ParseResult parsed, Argument<string?> job) =>
        parsed.GetValue(job) is not null || parsed.GetValue(s_only) is { Length: > 0 };

    /// <exception cref="ConfigurationException">Nobody has to log in for them.</exception>
    private static LoginAccount OfNotifications(CommandContext context) =>
        NotificationSettings.Read(context.Settings).Mail?.Server is { Tokens: { IsInteractive: true } tokens } server
            ? new LoginAccount(tokens, server.User)
            : throw new ConfigurationException(
                "settings",
                [
                    new ConfigurationError(
                        "Notify:Mail:Auth",
                        "has no login in a browser (DeviceCode, or ClientId of Google, or DeviceEndpoint or AuthorizationEndpoint of "
                            + "another server). Notifications can be sent without one."
                    ),
                ]
            );

    private static IEnumerable<MailServer> Servers(Job job) =>
        job switch
        {
            MigrateJob migrate => [migrate.Source, migrate.Target],
            BackupJob backup => [backup.Source],
            _ => [],
        };

    private static ConfigurationException Wrong(string what, string message) =>
        new("command line", [new ConfigurationError(what, message)]);
}
