using System.CommandLine;
using System.Text;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Cli.Output;
using Migrator.Core.Discovery;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator discover</c>.</summary>
internal static class DiscoverCommand
{
    private const string Out = "--out";

    public static Command Create()
    {
        var address = new Argument<string>("address")
        {
            Description = "Mail address of the mailbox to copy or back up.",
            HelpName = "ADDRESS",
        };
        var target = new Option<string?>("--target")
        {
            Description = "Mail address of the mailbox to copy to. Without it, the job file describes a backup.",
            HelpName = "ADDRESS",
        };
        var file = new Option<string?>(Out) { Description = "Write the job file there. [default: print it]", HelpName = "FILE" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace the file if it exists." };
        var database = new Option<bool>("--ispdb")
        {
            Description = "Ask Thunderbird's database (autoconfig.thunderbird.net) too, which then learns the domain.",
        };
        var yes = new Option<bool>("--yes") { Description = "Ask nothing." };
        var command = new Command("discover", "Find the mail server of an address, and make a job file. Sends no password.")
        {
            address,
            target,
            file,
            overwrite,
            database,
            yes,
        };
        command.Does(
            CommandActs.OnlyReads,
            async (parsed, context, stop) =>
            {
                var source = MailboxAddress.Parse(parsed.GetRequiredValue(address), "address");
                var to = parsed.GetValue(target) is { } given ? MailboxAddress.Parse(given, "--target") : null;
                var path = parsed.GetValue(file) is { } name ? Path.GetFullPath(name) : null;
                if (path is not null && !parsed.GetValue(overwrite) && Path.Exists(path))
                    throw Wrong("exists already; give another name, or --overwrite.");
                using var discovery = context.OpenDiscovery();
                var found = await new DiscoveryQuestions(context, discovery, new Confirmation(context)).FindAsync(
                    to is null ? [source] : [source, to],
                    parsed.GetValue(database),
                    mayAsk: !parsed.GetValue(yes),
                    stop
                );
                return Show(found, path, context);
            }
        );
        return command;
    }

    private static int Show(IReadOnlyList<DiscoveredServers> found, string? path, CommandContext context)
    {
        var screen = new CommandOutput(context);
        var chosen = found.Select((one, index) => one.Best(toWrite: index > 0)).ToList();
        foreach (var (one, best) in found.Zip(chosen))
            Show(one, best, screen);
        if (found.Zip(chosen).FirstOrDefault(pair => pair.Second is null).First is { } missing)
            throw DiscoveryQuestions.NothingUsable(missing);
        var job = DiscoveredJob.Of(found[0].Address, chosen[0]!, found.Skip(1).FirstOrDefault()?.Address, chosen.Skip(1).FirstOrDefault());
        // What is printed must be right, or nobody trusts it.
        JobFile.Parse(job, path ?? Path.GetFullPath("discovered.json"));
        if (path is null)
        {
            screen.Say(new JsonLine("jobFile") { { "text", job } }, "Job file:", "");
            screen.Whole(job.TrimEnd('\n').Split('\n'));
            return ExitCode.Success;
        }
        Write(path, job);
        screen.Say(
            new JsonLine("jobFile") { { "text", job }, { "file", path } },
            "The job file is written. Read it, say where the passwords are, and check it:"
        );
        screen.Whole($"migrator check {path}");
        return ExitCode.Success;
    }

    private static void Show(DiscoveredServers found, DiscoveredServer? best, CommandOutput screen)
    {
        foreach (var server in found.Servers)
            screen.Say(
                new JsonLine("server")
                {
                    { "address", found.Address.Text },
                    { "protocol", Name(server.Protocol) },
                    { "host", server.Host },
                    { "port", server.Port },
                    { "tls", Name(server.Tls) },
                    { "user", server.User },
                    { "login", server.Login.Name() },
                    { "provider", server.Provider?.Name },
                    { "source", server.Source.Name() },
                    { "where", server.Where },
                    { "trust", server.Trust.Name() },
                    { "isProven", server.IsProven },
                    { "isChosen", ReferenceEquals(server, best) },
                    { "certificate", server.Certificate?.Text },
                    { "fingerprint", server.Certificate?.Fingerprint },
                    { "url", server.Url },
                }
            );
        screen.Table(
            $"{found.Address.Text}:",
            [
                new FittedColumn("Server", Least: 30),
                new FittedColumn("TLS", Rank: 3),
                new FittedColumn("Login name", Least: 14, Rank: 4),
                new FittedColumn("Logs in with", Rank: 2),
                new FittedColumn("Found by", Rank: 1),
                new FittedColumn("Trust"),
            ],
            [
                .. found.Servers.Select(server =>
                    new[]
                    {
                        $"{Name(server.Protocol)} {server.Endpoint}",
                        Name(server.Tls),
                        server.User,
                        server.Login.Title(),
                        server.Source.Title(),
                        server.IsProven ? server.Trust.Title() : ServerTrust.None.Title(),
                    }
                ),
            ]
        );
        foreach (var note in found.Notes)
        {
            screen.Say(
                new JsonLine("discoveryNote")
                {
                    { "address", found.Address.Text },
                    { "source", note.Source.Name() },
                    { "kind", note.Kind.Name() },
                    { "text", note.Text },
                }
            );
            screen.Item($"- {note.Text}", 2);
        }
        if (best is not null)
            screen.Explain(
                best.IsProven
                    ? $"Used: {best.Endpoint}."
                    : $"Used: {best.Endpoint}. Nothing proves that it belongs to {found.Address.Domain}: check it"
                        + $"{(best.Certificate is { } certificate ? $" ({certificate.Text})" : "")}."
            );
        screen.Explain("");
    }

    private static void Write(string path, string job)
    {
        try
        {
            // Not through a link: what it leads to is not what was named.
            if (Path.Exists(path))
                File.Delete(path);
            PrivateFiles.Write(path, Encoding.UTF8.GetBytes(job));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"cannot be written: {exception.Message}");
        }
    }

    private static ConfigurationException Wrong(string message) => new("command line", [new ConfigurationError(Out, message)]);

    private static string Name(MailProtocol protocol) => protocol == MailProtocol.Pop3 ? "pop3" : "imap";

    private static string Name(TlsMode tls) =>
        tls switch
        {
            TlsMode.Implicit => "implicit",
            TlsMode.StartTls => "starttls",
            _ => "none",
        };
}
