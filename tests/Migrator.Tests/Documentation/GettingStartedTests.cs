using System.Diagnostics;
using System.Globalization;
using System.Text;
using Migrator.Tests.Servers;
using Migrator.Tests.Telemetry;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Documentation;

/// <summary>docs/getting-started.md, typed into a shell as it is: only hosts, accounts and passwords are those of servers that are
/// there.</summary>
public sealed class GettingStartedTests(DovecotFixture servers) : IDisposable
{
    private const string Mark = "@@@";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("newcomer");
    private readonly string _user = DovecotServer.NewUser("ann");

    [Fact]
    public async Task Every_command_does_what_the_page_says()
    {
        var stop = TestContext.Current.CancellationToken;
        await using (var source = await servers.Old.LogInAsync(_user))
        {
            await FillAsync(source, "INBOX", 0, 5);
            await source.AppendAsync(
                "INBOX",
                Encoding.ASCII.GetBytes(
                    "From: shop@example.org\r\nSubject: Your invoice 4711\r\nMessage-ID: <4711@example.org>\r\n\r\nThank you.\r\n"
                )
            );
            await source.CreateAsync("Projects");
            await FillAsync(source, "Projects", 10, 3);
        }
        var steps = ConsolePage.Read(await File.ReadAllTextAsync(Docs.Path("getting-started.md"), stop));
        Assert.True(steps.Count >= 20);

        var results = await TypeAsync(steps, stop);

        Assert.Equal(steps.Count, results.Count);
        foreach (var ((command, shown), (code, output)) in steps.Zip(results))
        {
            Assert.True(code == 0, $"\"{command}\" ended with {code}:\n{output}");
            var missing = ConsolePage.Missing(shown, output);
            Assert.True(missing is null, $"\"{command}\" does not print \"{missing}\":\n{output}");
        }
        var exported = await File.ReadAllTextAsync(Path.Combine(_home.FullName, "work", "ann-mail", "INBOX"), stop);
        Assert.Contains("Your invoice 4711", exported);
    }

    public void Dispose() => _home.Delete(recursive: true);

    /// <summary>All of it in one shell, which keeps variables and runs the service in the background.</summary>
    private async Task<IReadOnlyList<(int Code, string Output)>> TypeAsync(IReadOnlyList<ConsolePage.Step> steps, CancellationToken stop)
    {
        // What is left running ends with the shell.
        var script = new StringBuilder("trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n");
        foreach (var step in steps)
            script.Append(CultureInfo.InvariantCulture, $"{Here(step.Command)}\ncode=$?; echo; echo \"{Mark} $code\"\n");
        var file = Path.Combine(_home.FullName, "page.sh");
        await File.WriteAllTextAsync(file, script.ToString(), stop);
        using var shell = Process.Start(Shell(file))!;
        var output = shell.StandardOutput.ReadToEndAsync(stop);
        await shell.WaitForExitAsync(stop);

        var results = new List<(int, string)>();
        var lines = new List<string>();
        foreach (var line in (await output).Split('\n'))
        {
            if (!line.StartsWith(Mark, StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }
            results.Add((int.Parse(line.AsSpan(Mark.Length), CultureInfo.InvariantCulture), string.Join('\n', lines)));
            lines.Clear();
        }
        return results;
    }

    /// <summary>With the servers that are there.</summary>
    private string Here(string command) =>
        command
            .Replace("imaps://ann@old.example", Url(servers.Old), StringComparison.Ordinal)
            .Replace("imaps://ann@new.example", Url(servers.New), StringComparison.Ordinal)
            .Replace("\"host\": \"old.example\"", Place(servers.Old), StringComparison.Ordinal)
            .Replace("\"host\": \"new.example\"", Place(servers.New), StringComparison.Ordinal)
            .Replace("\"user\": \"ann\"", $"\"user\": \"{_user}\"", StringComparison.Ordinal)
            .Replace("SECRET", DovecotServer.Password, StringComparison.Ordinal);

    private string Url(DovecotServer server) => $"imaps://{_user}@localhost:{server.ImapsPort}?fingerprint={server.Fingerprint}";

    private static string Place(DovecotServer server) =>
        $$"""
            "host": "localhost", "port": {{server.ImapsPort}}, "certificate": { "fingerprint": "{{server.Fingerprint}}" }
            """;

    private ProcessStartInfo Shell(string file)
    {
        var programs = _home.CreateSubdirectory("bin").FullName;
        var program = Path.Combine(programs, "migrator");
        var words = string.Join(' ', MigratorProgram.Command.Select(word => $"'{word}'"));
        File.WriteAllText(program, $"#!/bin/sh\nexec {words} \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo("bash", ["-c", "exec bash \"$0\" 2>&1", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            WorkingDirectory = _home.CreateSubdirectory("work").FullName,
        };
        start.Environment["PATH"] = $"{programs}:{start.Environment["PATH"]}";
        start.Environment["XDG_STATE_HOME"] = Path.Combine(_home.FullName, "state");
        start.Environment["MIGRATOR_SETTINGS"] = _home.CreateSubdirectory("settings").FullName;
        start.Environment["MIGRATOR_Dashboard__Urls"] = $"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}";
        return start;
    }
}
