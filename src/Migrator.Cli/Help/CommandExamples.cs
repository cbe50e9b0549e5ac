namespace Migrator.Cli.Help;

/// <summary>Examples of every command, as help and man pages show them. Each is parsed by a test.</summary>
public static class CommandExamples
{
    private static readonly Dictionary<string, Example[]> s_examples = new(ArchiveExamples.All)
    {
        ["migrator"] =
        [
            new(
                "Copy a mailbox and compare both sides afterwards",
                "migrator copy imaps://ann@old.example imaps://ann@new.example --verify"
            ),
            new("Run a job file", "migrator run jobs/ann.json"),
            new("Create the archive of a backup job", "migrator archive init nightly"),
            new("Run all jobs on their schedules", "migrator serve"),
        ],
        ["migrator copy"] =
        [
            new(
                "Copy a mailbox and compare both sides afterwards",
                "migrator copy imaps://ann@old.example imaps://ann@new.example --verify"
            ),
            new("Let Migrator find the servers, and confirm them", "migrator copy ann@old.example ann@new.example"),
            new(
                "Read the passwords from files",
                "migrator copy imaps://ann@old.example imaps://ann@new.example --source-password file:old.txt "
                    + "--target-password file:new.txt"
            ),
            new(
                "Copy all folders except Trash and Junk",
                "migrator copy imaps://ann@old.example imaps://ann@new.example --exclude Trash --exclude Junk"
            ),
        ],
        ["migrator discover"] =
        [
            new("Find the mail server of an address", "migrator discover ann@example.org"),
            new("Write a job file that migrates a mailbox", "migrator discover ann@old.example --target ann@new.example --out ann.json"),
            new("Ask nothing, for a script", "migrator discover ann@example.org --yes --json"),
        ],
        ["migrator login"] =
        [
            new("Log in to all mailboxes of a job", "migrator login private-gmail"),
            new("Log in to one of them again", "migrator login private-gmail --only ann"),
            new(
                "Log in without a job",
                "migrator login --provider microsoft --tenant contoso.onmicrosoft.com --client-id 0c6c6f0e-8d5d-4b7e-9a5c-6d9f2b1f7a01 "
                    + "--user ann@contoso.example"
            ),
        ],
        ["migrator providers"] = [new("Show what is known of each provider", "migrator providers")],
        ["migrator login list"] = [new("List stored logins", "migrator login list")],
        ["migrator login revoke"] = [new("End the login of one mailbox", "migrator login revoke private-gmail --only ann")],
        ["migrator check"] =
        [
            new("Check a job file", "migrator check jobs/ann.json"),
            new("Check one mailbox of a job in the jobs directory", "migrator check staff --only ann"),
        ],
        ["migrator plan"] =
        [
            new("Plan the run of a job file", "migrator plan jobs/ann.json"),
            new("Plan two mailboxes of a job in the jobs directory", "migrator plan staff --only ann --only bob"),
        ],
        ["migrator run"] =
        [
            new("Run a job file", "migrator run jobs/ann.json"),
            new("Do what was planned, and nothing else", "migrator run jobs/ann.json --plan reports/ann-20261201-180000-plan.json"),
            new("Run two mailboxes of a job in the jobs directory", "migrator run staff --only ann --only bob"),
            new("Retry what failed, and print only the result", "migrator run staff --failed --quiet"),
        ],
        ["migrator cutover"] =
        [
            new("See whether the mailboxes of a job are ready to be switched", "migrator cutover staff --dry-run"),
            new("Switch one of them", "migrator cutover staff --only ann"),
            new("Switch all whose mail is sent to the new provider already", "migrator cutover staff --expect-mx protection.outlook.com"),
        ],
        ["migrator verify"] =
        [
            new("Verify a job file", "migrator verify jobs/ann.json"),
            new("Verify one mailbox of a job, for a script", "migrator verify staff --only ann --json"),
            new(
                "Audit what another tool has copied, and accept what it added to headers",
                "migrator verify imaps://ann@old.example imaps://ann@new.example --tolerate headers-added,line-ends"
            ),
        ],
        ["migrator undo"] =
        [
            new("Show what would be taken back", "migrator undo staff --dry-run"),
            new("Take the migration of one mailbox back", "migrator undo staff --mailbox ann"),
            new("Then remove what was taken back for good", "migrator undo staff --mailbox ann --expunge"),
        ],
        ["migrator certificate"] = [new("Certify the migration of a job file", "migrator certificate create jobs/ann.json")],
        ["migrator certificate create"] =
        [
            new("Certify the migration of a job file", "migrator certificate create jobs/ann.json"),
            new("Certify one mailbox of a job, into a directory", "migrator certificate create staff --only ann --out ann-certificate"),
            new("Have the time stamped", "migrator certificate create staff --time-stamp https://tsa.example.org/tsr"),
        ],
        ["migrator certificate verify"] =
        [
            new("Verify the certificate of a job and of its mailboxes", "migrator certificate verify certificates/job.jsonl"),
            new(
                "Compare a certificate with the mailbox as it is now",
                "migrator certificate verify ann.jsonl --against imaps://ann@new.example"
            ),
        ],
        ["migrator serve"] =
        [
            new("Run the jobs of a directory", "migrator serve --set JobsDirectory=/etc/migrator/jobs"),
            new("Run up to 20 mailboxes at once", "migrator serve --set Worker:MaxConcurrency=20"),
        ],
        ["migrator status"] =
        [
            new("Show all mailboxes", "migrator status"),
            new("Show the mailboxes of a job that are not complete", "migrator status staff --failed"),
        ],
        ["migrator jobs"] = [new("List all jobs", "migrator jobs list"), new("Start a job now", "migrator jobs trigger nightly")],
        ["migrator jobs list"] =
        [
            new("List all jobs", "migrator jobs list"),
            new("List the jobs of another directory", "migrator jobs list --set JobsDirectory=jobs"),
        ],
        ["migrator jobs next"] = [new("Show the next ten starts of a job", "migrator jobs next nightly --count 10")],
        ["migrator jobs trigger"] =
        [
            new("Start a job now", "migrator jobs trigger nightly"),
            new("Retry the mailboxes that are not complete", "migrator jobs trigger nightly --failed"),
        ],
        ["migrator jobs pause"] = [new("Pause a job", "migrator jobs pause staff")],
        ["migrator jobs resume"] = [new("Resume a job", "migrator jobs resume staff")],
        ["migrator jobs cancel"] =
        [
            new("Cancel a job", "migrator jobs cancel staff"),
            new("Cancel one mailbox of a job", "migrator jobs cancel staff --mailbox ann"),
        ],
        ["migrator jobs forget"] =
        [
            new("Forget all mailboxes that were removed from the job file", "migrator jobs forget staff"),
            new("Forget one of them", "migrator jobs forget staff --mailbox ann"),
        ],
        ["migrator audit"] = [new("List what was done this week", "migrator audit list --since 7d")],
        ["migrator audit list"] =
        [
            new("List what was done this week", "migrator audit list --since 7d"),
            new("List who restored mail", "migrator audit list --event MailRestored"),
        ],
        ["migrator audit verify"] = [new("Verify the audit trail", "migrator audit verify")],
        ["migrator notify"] = [new("Send a test notification", "migrator notify test")],
        ["migrator notify test"] = [new("Send a test notification", "migrator notify test")],
        ["migrator config"] =
        [
            new("Show where settings come from", "migrator config"),
            new("Show them as a systemd unit sees them", "migrator config --settings /etc/migrator"),
        ],
        ["migrator completion"] =
        [
            new("Install completions for bash", "migrator completion bash > ~/.local/share/bash-completion/completions/migrator"),
            new("Install completions for fish", "migrator completion fish > ~/.config/fish/completions/migrator.fish"),
            new("Install completions for zsh, in a directory of $fpath", "migrator completion zsh > ~/.zfunc/_migrator"),
        ],
        ["migrator version"] = [new("Show the version", "migrator version"), new("Show it for a script", "migrator version --json")],
        ["migrator help"] = [new("Show help for a command", "migrator help archive prune")],
    };

    /// <param name="path">Such as <c>migrator archive prune</c>.</param>
    public static IReadOnlyList<Example> Of(string path) => s_examples.GetValueOrDefault(path, []);

    /// <summary>The commands that have examples.</summary>
    public static IEnumerable<string> Paths => s_examples.Keys;
}
