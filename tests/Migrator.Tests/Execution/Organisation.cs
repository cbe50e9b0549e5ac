using System.Text;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;

namespace Migrator.Tests.Execution;

/// <summary>Many people with mail on one real server who are to move to another: a jobs directory, a list of mailboxes, settings.</summary>
public sealed class Organisation : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("organisation");
    private readonly DovecotServer _old;
    private readonly DovecotServer _new;

    /// <param name="people">Mailboxes.</param>
    /// <param name="messages">Of each, in INBOX.</param>
    /// <param name="size">Bytes of a message, about.</param>
    public Organisation(DovecotServer old, DovecotServer @new, int people, int messages, int size = 200)
    {
        (_old, _new) = (old, @new);
        Directory.CreateDirectory(Jobs);
        People = [.. Enumerable.Range(0, people).Select(number => DovecotServer.NewUser($"p{number:000}-"))];
        foreach (var (index, person) in People.Index())
        {
            old.DeliverRaw(
                person,
                Enumerable
                    .Range(0, messages)
                    .Select(number =>
                        (Letters.Letter((index * 1000) + number, size), DateTimeOffset.UnixEpoch.AddDays(15_000).AddMinutes(number))
                    )
            );
        }
    }

    public IReadOnlyList<string> People { get; }

    public string State => _state.FullName;

    /// <summary>Variables besides those that every process gets.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string Jobs => Path.Combine(State, "jobs");

    public string List => Path.Combine(Jobs, "people.csv");

    /// <summary>A job file for all of them, and their list.</summary>
    /// <param name="more">Further lines of the job file, each with a comma behind it.</param>
    /// <param name="rows">Further rows of the list.</param>
    public string WriteJob(string name = "move", string more = "", int sourcePort = 0, int targetPort = 0, params string[] rows)
    {
        File.WriteAllText(
            List,
            string.Join(
                '\n',
                ["name;source.user;target.user;source.password", .. People.Select(person => $"{person};{person};{person};"), .. rows]
            ) + "\n"
        );
        var path = Path.Combine(Jobs, $"{name}.json");
        File.WriteAllText(
            path,
            $$"""
            {
              "mailboxes": "people.csv",
              {{more}}
              "connections": 1,
              "initialRetryDelay": "1s",
              "source": { "host": "localhost", "port": {{(
                sourcePort > 0 ? sourcePort : _old.ImapPort
            )}}, "tls": "none", "password": "env:MIGRATOR_SOURCE_PASSWORD" },
              "target": { "host": "127.0.0.1", "port": {{(
                targetPort > 0 ? targetPort : _new.ImapPort
            )}}, "tls": "none", "password": "env:MIGRATOR_TARGET_PASSWORD" }
            }
            """
        );
        return path;
    }

    public void WriteSettings(string settings)
    {
        Directory.CreateDirectory(Path.Combine(State, "settings"));
        File.WriteAllText(Path.Combine(State, "settings", "appsettings.json"), settings);
    }

    /// <summary>The product, with this organisation's jobs and settings.</summary>
    public MigratorProcess Start(params string[] arguments) => MigratorProcess.StartWith(Environment, State, All(arguments));

    /// <summary>The service, on a port of its own.</summary>
    public MigratorProcess Serve(params string[] more) => ServeAt(out _, more);

    /// <param name="url">Of the dashboard.</param>
    public MigratorProcess ServeAt(out string url, params string[] more)
    {
        url = $"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}";
        return Start(["serve", "--set", $"Dashboard:Urls={url}", .. more]);
    }

    public Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MigratorProcess.RunWithAsync(Environment, State, All(arguments));

    /// <summary>Fails where a message is missing, doubled or altered.</summary>
    public async Task ShouldHaveMovedAsync(params IEnumerable<string> people)
    {
        foreach (var person in people)
        {
            var (source, target) = (await MailboxContent.ReadAsync(_old, person), await MailboxContent.ReadAsync(_new, person));
            source.ShouldEqual(target);
        }
    }

    public ValueTask DisposeAsync()
    {
        _state.Delete(recursive: true);
        return default;
    }

    private string[] All(string[] arguments) =>
        [
            .. arguments,
            "--set",
            $"JobsDirectory={Jobs}",
            .. Directory.Exists(Path.Combine(State, "settings")) ? new[] { "--settings", Path.Combine(State, "settings") } : [],
        ];
}
