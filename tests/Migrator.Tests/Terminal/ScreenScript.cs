using System.CommandLine;
using System.Text.Json;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Cli.Commands;
using Migrator.Core.Auditing;
using Migrator.Storage.Auditing;
using Migrator.Tests.Migrations;

namespace Migrator.Tests.Terminal;

/// <summary>Every command, as it is typed in a session: what one does, the next ones find.</summary>
internal static class ScreenScript
{
    public static RootCommand Root { get; } = CommandLine.Create();

    /// <summary>The path of every command, such as <c>migrator archive prune</c>.</summary>
    public static IReadOnlyList<string> Commands { get; } = [.. Under(Root).Select(CommandErrors.PathOf)];

    public static IReadOnlyList<Scene> All { get; } =
    [
        .. Help,
        .. Mistakes,
        .. Setup,
        .. Nothing,
        .. Migrate,
        .. Backup,
        .. Browse,
        .. Keys,
        .. Restore,
        .. Service,
        .. Damage,
        .. Undo,
        .. Audit,
    ];

    private static IEnumerable<Scene> Help =>
        [
            new("no-arguments", "migrator"),
            .. Commands.Select(path => new Scene($"help-{path.Replace(' ', '-')}", $"{path} --help")),
            new("help", "migrator help archive key"),
            new("version", "migrator version"),
            new("version-option", "migrator --version"),
        ];

    private static IEnumerable<Scene> Mistakes =>
        [
            new("wrong-command", "migrator chek ann"),
            new("wrong-command-of-a-group", "migrator archive lst nightly"),
            new("wrong-command-in-help", "migrator help archive lst"),
            new("wrong-option", "migrator run ann --onyl ann"),
            new("wrong-number", "migrator archive prune nightly --keep-daily many"),
            new("wrong-choice", "migrator export nightly --format pst --to files"),
            new("wrong-time", "migrator archive ls nightly --at someday"),
            new("renamed-command", "migrator archive side nightly"),
            new("missing-argument", "migrator run"),
            new("missing-options", "migrator export nightly"),
            new("job-unknown", "migrator run anm"),
            new("job-file-missing", "migrator check jobs/nobody.json"),
            new("job-file-broken", "migrator check broken.json"),
            new("job-file-with-errors", "migrator check errors.json"),
            new("mailbox-unknown", "migrator check team --only ann"),
            new("copy-wrong-urls", "migrator copy http://old.example pop3s://ann@new.example"),
            new("copy-password-given", "migrator copy imaps://ann@old.example imaps://ann@new.example --source-password secret"),
            new("discover-wrong-address", "migrator discover ann"),
            new("setting-unknown", "migrator config --set Worker:AtOnce=3"),
        ];

    private static IEnumerable<Scene> Setup =>
        [
            new("config", "migrator config"),
            new("providers", "migrator providers"),
            new("discover", "migrator discover ann@example.org") { IsVerbatim = true },
            new("discover-provider", "migrator discover ann@old.example --target ann@example.org --out ann.json --yes"),
            new("discover-file-exists", "migrator discover ann@example.org --out ann.json"),
            new("login-without-job", "migrator login"),
            new("login-not-needed", "migrator login ann"),
            new("login-list", "migrator login list"),
            new("login-revoke-not-needed", "migrator login revoke ann"),
            new("check-login-missing", "migrator check private/ann.json"),
            new("login-device", "migrator login private/ann.json"),
            new("login-list-one", "migrator login list"),
            new("login-nobody-missing", "migrator login private/ann.json --missing"),
            new("login-revoke", "migrator login revoke private/ann.json"),
            new("completion-bash", "migrator completion bash") { Head = 12, IsVerbatim = true },
            new("completion-zsh", "migrator completion zsh") { Head = 12, IsVerbatim = true },
            new("completion-fish", "migrator completion fish") { Head = 12, IsVerbatim = true },
            new("completion-powershell", "migrator completion powershell") { Head = 12, IsVerbatim = true },
            new("completion-unknown", "migrator completion cmd"),
            new("man", "migrator man ."),
            new("man-directory-missing", "migrator man nowhere"),
        ];

    private static IEnumerable<Scene> Nothing =>
        [
            new("status-nothing", "migrator status --set JobsDirectory={directory}/empty"),
            new("jobs-list-nothing", "migrator jobs list --set JobsDirectory={directory}/empty"),
            new("jobs-list-no-directory", "migrator jobs list --set JobsDirectory={directory}/nowhere"),
            new("jobs-next-nothing", "migrator jobs next --set JobsDirectory={directory}/empty"),
            new("audit-list-nothing", "migrator audit list --state nothing"),
            new("audit-verify-nothing", "migrator audit verify --state nothing"),
        ];

    private static IEnumerable<Scene> Migrate =>
        [
            new("check", "migrator check ann"),
            new("check-problem", "migrator check tom"),
            new("check-many", "migrator check team"),
            new("check-quiet", "migrator check team --quiet"),
            new("plan", "migrator plan ann"),
            new("plan-many", "migrator plan team"),
            new("run-dry", "migrator run ann --dry-run"),
            new("run-plan-missing", "migrator run ann --plan plan.json"),
            new("copy-prompt", "migrator copy {old} {new} --include Trash")
            {
                Without = ["MIGRATOR_SOURCE_PASSWORD"],
                Typed = [("localhost", "pass Enter")],
            },
            new("copy-wrong-password", "migrator copy {old} {new} --source-password env:WRONG_PASSWORD"),
            new("copy-password-missing", "migrator copy {old} {new} --source-password env:NO_SUCH_VARIABLE"),
            new("copy-unreachable", "migrator copy {old} {nobody}"),
            new("copy-untrusted", "migrator copy {old} {untrusted}"),
            new("copy-by-address", "migrator copy ann@new.example {new}") { Typed = [("[y/N]", "n Enter")] },
            new("copy-by-address-unattended", "migrator copy ann@new.example {new} --yes"),
            new("copy-no-such-folder", "migrator copy {old} {new} --include Snet"),
            new("copy", "migrator copy {old} {new} --include Sent --verify"),
            new("run", "migrator run ann"),
            new("run-nothing-new", "migrator run ann"),
            new("run-quiet", "migrator run ann --quiet"),
            new("run-with-failures", "migrator run tom"),
            new("run-many", "migrator run team"),
            new("run-many-quiet", "migrator run team --failed --quiet"),
            new("certificate-create-no-job", "migrator certificate create nobody"),
            new("certificate-verify-missing", "migrator certificate verify certificates/job.jsonl"),
            new("cutover-not-ready", "migrator cutover tom --dry-run"),
            new("cutover-many-dry", "migrator cutover team --dry-run"),
            new("verify", "migrator verify ann"),
            new("verify-many", "migrator verify team"),
            new("verify-accounts", "migrator verify {old} {new} --include Sent --tolerate headers-added"),
            new("verify-tolerate-unknown", "migrator verify {old} {new} --tolerate everything"),
            new("verify-differences", "migrator verify ann") { Before = SpoilAsync },
        ];

    private static IEnumerable<Scene> Backup =>
        [
            new("check-no-archive", "migrator check nightly --only {ann}"),
            new("run-no-archive", "migrator run nightly"),
            new("archive-init", "migrator archive init nightly"),
            new("archive-init-again", "migrator archive init nightly"),
            new("archive-init-plain", "migrator archive init ./plain"),
            new("archive-init-prompt", "migrator archive init ./asked --passphrase prompt")
            {
                Typed = [("Passphrase", "first Enter"), ("once more", "second Enter")],
            },
            new("check-backup", "migrator check nightly --only {ann}"),
            new("check-backup-many", "migrator check nightly"),
            new("run-backup", "migrator run nightly"),
            new("run-backup-one", "migrator run nightly --only {ann}") { Before = ChangeAsync },
            new("verify-backup", "migrator verify nightly"),
        ];

    private static IEnumerable<Scene> Browse =>
        [
            new("archive-snapshots", "migrator archive snapshots nightly"),
            new("archive-ls", "migrator archive ls nightly --mailbox {ann}"),
            new("archive-ls-folder", "migrator archive ls nightly --mailbox {ann} --folder Sent"),
            new("archive-ls-no-such-folder", "migrator archive ls nightly --mailbox {ann} --folder Snet"),
            new("archive-ls-which-mailbox", "migrator archive ls nightly"),
            new("archive-find", "migrator archive find nightly invoice"),
            new("archive-find-all", "migrator archive find nightly --folder Sent"),
            new("archive-find-nothing", "migrator archive find nightly --subject bill"),
            new("archive-find-wrong-size", "migrator archive find nightly --larger huge"),
            new("archive-cat", "migrator archive cat nightly --message {message}") { Before = FindAsync, IsVerbatim = true },
            new("archive-cat-unknown", "migrator archive cat nightly --message 0123456789"),
            new("archive-stats", "migrator archive stats nightly"),
            new("archive-check", "migrator archive check nightly"),
            new("archive-check-data", "migrator archive check nightly --read-data"),
            new("archive-prune-nothing-said", "migrator archive prune nightly"),
            new("archive-prune-dry-run", "migrator archive prune nightly --keep-last 1 --dry-run"),
            new("archive-prune", "migrator archive prune nightly --keep-last 1 --grace-hours 0"),
            new("archive-upkeep", "migrator archive upkeep nightly"),
            new("archive-accept-shrunk", "migrator archive accept-shrunk nightly --mailbox {ann}"),
            new("archive-control-store", "migrator archive control-store nightly"),
            new("archive-rehydrate", "migrator archive rehydrate nightly --mailbox {ann}"),
            new("archive-repair", "migrator archive repair nightly"),
            new("archive-missing", "migrator archive snapshots ./nowhere"),
            new("archive-no-key", "migrator archive snapshots ./archive"),
            new("archive-wrong-key", "migrator archive snapshots ./archive --key-file other.key"),
        ];

    private static IEnumerable<Scene> Keys =>
        [
            new("archive-key-list", "migrator archive key list nightly"),
            new("archive-key-add", "migrator archive key add nightly --new-passphrase file:passphrase.txt"),
            new("archive-key-add-recovery", "migrator archive key add nightly --recovery"),
            new("archive-key-add-nothing", "migrator archive key add nightly"),
            new("archive-key-change", "migrator archive key change ./archive --passphrase file:passphrase.txt --new-key-file other.key"),
            new("archive-key-list-many", "migrator archive key list nightly"),
            new("archive-key-remove", "migrator archive key remove nightly --id {key}") { Before = FindKeyAsync },
            new("archive-key-remove-unknown", "migrator archive key remove nightly --id zzz"),
            new("archive-key-rotate", "migrator archive key rotate nightly"),
        ];

    private static IEnumerable<Scene> Restore =>
        [
            new("restore-dry", "migrator restore nightly --mailbox {ann} --to {new} --dry-run"),
            new("restore", "migrator restore nightly --mailbox {ann} --to {new}"),
            new("restore-exact", "migrator restore nightly --mailbox {ann} --to {new} --folder Sent --mode exact"),
            new("restore-which-mailbox", "migrator restore nightly --to {new}"),
            new("restore-no-snapshot", "migrator restore nightly --mailbox {ann} --to {new} --at 2020-01-01"),
            new("export", "migrator export nightly --mailbox {ann} --format mbox --to files"),
            new("export-not-empty", "migrator export nightly --mailbox {ann} --format mbox --to files"),
            new("import", "migrator import files --format mbox --to {new}"),
            new("import-to-archive", "migrator import files --format mbox --to ./plain"),
            new("import-nothing", "migrator import empty --format mbox --to ./plain"),
            new("import-missing", "migrator import nowhere --format mbox --to ./plain"),
        ];

    private static IEnumerable<Scene> Service =>
        [
            new("status", "migrator status"),
            new("status-job", "migrator status team"),
            new("status-failed", "migrator status --failed"),
            new("status-unknown", "migrator status taem"),
            new("jobs-list", "migrator jobs list"),
            new("jobs-next", "migrator jobs next --count 2"),
            new("jobs-next-unknown", "migrator jobs next nigthly"),
            new("jobs-trigger", "migrator jobs trigger nightly"),
            new("jobs-trigger-again", "migrator jobs trigger nightly"),
            new("status-waiting", "migrator status nightly"),
            new("jobs-pause", "migrator jobs pause nightly"),
            new("jobs-pause-unknown", "migrator jobs pause nigthly"),
            new("run-paused", "migrator run nightly"),
            new("jobs-list-paused", "migrator jobs list"),
            new("jobs-resume", "migrator jobs resume nightly"),
            new("jobs-cancel", "migrator jobs cancel nightly"),
            new("jobs-cancel-nothing", "migrator jobs cancel nightly"),
            new("status-gone", "migrator status team") { Before = DropAsync },
            new("jobs-forget", "migrator jobs forget team"),
            new("jobs-forget-nothing", "migrator jobs forget team"),
            new("jobs-list-broken", "migrator jobs list") { Before = BreakAsync },
            new("status-broken", "migrator status ann"),
            new("serve-wrong-setting", "migrator serve --set Worker:MaxConcurrency=none"),
            new("notify-test", "migrator notify test"),
        ];

    private static IEnumerable<Scene> Damage =>
        [
            new("archive-check-damaged", "migrator archive check nightly --read-data") { Before = DamageAsync },
            new("archive-stats-damaged", "migrator archive stats nightly"),
            new("archive-repair-damaged", "migrator archive repair ./archive --key-file archive.key"),
            new("restore-damaged", "migrator restore ./archive --key-file archive.key --mailbox {ann} --to {new} --mode side"),
        ];

    private static IEnumerable<Scene> Undo =>
        [
            new("undo-dry-run", "migrator undo ann --dry-run"),
            new("undo-expunge-too-early", "migrator undo ann --expunge --yes"),
            new("undo", "migrator undo ann"),
            new("undo-run", "migrator run ann"),
            new("undo-expunge-dry-run", "migrator undo ann --expunge --dry-run"),
            new("undo-expunge-declined", "migrator undo ann --expunge") { Typed = [("[y/N]", "n Enter")] },
            new("undo-expunge", "migrator undo ann --expunge") { Typed = [("[y/N]", "y Enter")] },
            new("undo-many-quiet", "migrator undo team --quiet"),
            new("undo-backup", "migrator undo nightly"),
            new("undo-mailbox-unknown", "migrator undo team --mailbox nobody"),
        ];

    private static IEnumerable<Scene> Audit =>
        [
            new("audit-list", "migrator audit list --state trail") { Before = RecordAsync },
            new("audit-list-event", "migrator audit list --state trail --event JobPaused"),
            new("audit-list-wrong-time", "migrator audit list --since someday"),
            new("audit-verify", "migrator audit verify --state trail"),
            new("audit-verify-wrong-hash", "migrator audit verify --state trail --from 12345"),
            new("audit-verify-tampered", "migrator audit verify --state trail") { Before = TamperAsync },
        ];

    private static IEnumerable<Command> Under(Command command) => command.Subcommands.SelectMany(Under).Prepend(command);

    /// <summary>At the target: one message less, one more, another flag.</summary>
    private static async Task SpoilAsync(ScreenWorld world)
    {
        await using var ann = await world.NewAsync("ann");
        await ann.StoreAsync("INBOX", "3", "+FLAGS (\\Flagged)");
        await ann.DeleteAsync("INBOX", "5");
        await ann.AppendAsync("INBOX", Letters.Letter(900), "", DateTimeOffset.UnixEpoch.AddDays(20_500));
    }

    /// <summary>Between two backups.</summary>
    private static async Task ChangeAsync(ScreenWorld world)
    {
        await using var ann = await world.OldAsync("ann");
        await Letters.FillAsync(ann, "Sent", 60, 2);
        await ann.DeleteAsync("Trash", "1");
    }

    private static async Task FindAsync(ScreenWorld world) =>
        world.Values["message"] = (await FirstAsync(world, "archive", "find", "nightly", "invoice")).GetProperty("id").GetString()!;

    private static async Task FindKeyAsync(ScreenWorld world) =>
        world.Values["key"] = (await AllAsync(world, "archive", "key", "list", "nightly"))
            .First(key => key.GetProperty("kind").GetString() == "recovery")
            .GetProperty("id")
            .GetString()!;

    private static async Task<JsonElement> FirstAsync(ScreenWorld world, params string[] arguments) =>
        (await AllAsync(world, arguments))[0];

    private static async Task<IReadOnlyList<JsonElement>> AllAsync(ScreenWorld world, params string[] arguments) =>
        [
            .. (await world.RunAsync([.. arguments, "--json"]))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<JsonElement>(line)),
        ];

    /// <summary>A person leaves the job.</summary>
    private static Task DropAsync(ScreenWorld world)
    {
        var list = world.At("jobs/people.csv");
        File.WriteAllLines(list, File.ReadAllLines(list).Where(line => !line.StartsWith("bob", StringComparison.Ordinal)));
        return Task.CompletedTask;
    }

    private static Task BreakAsync(ScreenWorld world)
    {
        world.Write("jobs/weekly.json", "{\n  \"kind\": \"backup\",\n  \"source\": { \"host\": \"old.example\",\n}\n");
        return Task.CompletedTask;
    }

    /// <summary>The pack of the last backup is lost.</summary>
    private static Task DamageAsync(ScreenWorld world)
    {
        var packs = Directory.GetFiles(world.At("archive/packs"), "*", SearchOption.AllDirectories);
        File.Delete(packs.MaxBy(File.GetLastWriteTimeUtc)!);
        return Task.CompletedTask;
    }

    /// <summary>A trail of users and machines that are the same everywhere.</summary>
    private static async Task RecordAsync(ScreenWorld world)
    {
        var trail = new AuditTrail(world.At("trail"), TimeProvider.System);
        var (ann, page) = (
            new AuditActor(AuditActor.Command, "root") { Login = "ann", Host = "mail1" },
            new AuditActor(AuditActor.Page, "bob") { Role = "operator", Address = "192.0.2.7" }
        );
        foreach (
            var entry in new[]
            {
                new AuditEntry(AuditEvent.LoggedIn, page, AuditSubject.Of(), AuditOutcome.Done),
                new AuditEntry(AuditEvent.JobPaused, page, AuditSubject.Of(("job", "nightly")), AuditOutcome.Begun),
                new AuditEntry(AuditEvent.JobPaused, page, AuditSubject.Of(("job", "nightly")), AuditOutcome.Done, Of: 2),
                new AuditEntry(
                    AuditEvent.MailRestored,
                    ann,
                    AuditSubject.Of(("archive", "/srv/mail-archive"), ("mailbox", "ann@example.org"), ("to", "imaps://ann@new.example")),
                    AuditOutcome.Begun
                ),
                new AuditEntry(
                    AuditEvent.MailRestored,
                    ann,
                    AuditSubject.Of(("archive", "/srv/mail-archive"), ("mailbox", "ann@example.org"), ("to", "imaps://ann@new.example")),
                    AuditOutcome.Failed,
                    "The login as ann at new.example was refused: Authentication failed.",
                    4
                ),
            }
        )
            await trail.AppendAsync(entry, CancellationToken.None);
    }

    private static async Task TamperAsync(ScreenWorld world)
    {
        var file = Directory.GetFiles(world.At("trail"), "*.jsonl", SearchOption.AllDirectories).First();
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("nightly", "monthly", StringComparison.Ordinal));
    }
}
