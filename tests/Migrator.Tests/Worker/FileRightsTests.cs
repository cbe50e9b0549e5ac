using Migrator.App.Output;
using Migrator.Tests.Execution;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>The rights of everything that the program creates, whatever umask it is started under.</summary>
public sealed class FileRightsTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        PrivateDirectory = Private | UnixFileMode.UserExecute;
    private const UnixFileMode Wide = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode WideDirectory =
        PrivateDirectory | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DovecotFixture _servers;
    private readonly Organisation _organisation;
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("rights");

    public FileRightsTests(DovecotFixture servers)
    {
        _servers = servers;
        _organisation = new Organisation(servers.Old, servers.New, people: 1, messages: 3);
        File.SetUnixFileMode(_root.FullName, WideDirectory);
    }

    private string State => PathOf("new/state");

    public void Dispose()
    {
        _root.Delete(recursive: true);
        _organisation.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    [Theory]
    [InlineData("000")]
    [InlineData("077")]
    [InlineData("177")]
    public async Task Everything_that_is_created_is_private(string umask)
    {
        var job = _organisation.WriteJob();
        var backup = BackupJob();

        await RunAsync(umask, "run", job, "--protocol-log", PathOf("logs"));
        await RunAsync(umask, "archive", "init", backup);
        await RunAsync(umask, "run", backup);
        await RunAsync(umask, "archive", "find", backup, "letter");
        foreach (var format in new[] { "mbox", "maildir", "eml" })
            await RunAsync(umask, "export", backup, "--format", format, "--to", PathOf($"exports/{format}"));
        var kept = Directory.CreateDirectory(PathOf("kept"));
        kept.UnixFileMode = WideDirectory;
        await RunAsync(umask, "export", backup, "--format", "eml", "--to", kept.FullName);
        await ServeAsync(umask);

        Assert.All([State, PathOf("archive"), PathOf("logs"), PathOf("exports")], ShouldBePrivate);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(State, "reports")));
        Assert.NotEmpty(Directory.GetFiles(PathOf("logs")));
        Assert.NotEmpty(Directory.GetFiles(PathOf("archive"), "*", SearchOption.AllDirectories));
        Assert.Superset(
            new HashSet<string> { "checkpoints.db", "job-runs.db", "schedules.db", "service.lock", "locks" },
            Directory.GetFileSystemEntries(State).Select(path => Path.GetFileName(path)).ToHashSet()
        );
        // Anyone who made it says who may look into it, and its files are private all the same.
        Assert.Equal(WideDirectory, kept.UnixFileMode);
        Assert.All(kept.GetFileSystemInfos(), entry => ShouldBePrivate(entry.FullName));
    }

    [Fact]
    public async Task What_is_there_with_wider_rights_is_tightened_and_one_notice_says_so()
    {
        var job = _organisation.WriteJob();
        await RunAsync("022", "run", job, "--protocol-log", PathOf("logs"));
        foreach (var path in All(PathOf("new")).Concat(All(PathOf("logs"))))
            File.SetUnixFileMode(path, Directory.Exists(path) ? WideDirectory : Wide);
        var theirs = PathOf("logs/theirs.log");
        await File.WriteAllTextAsync(theirs, "x", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(theirs, Wide);

        string[] list = ["jobs", "list", "--protocol-log", PathOf("logs"), "--set", $"JobsDirectory={_organisation.Jobs}"];
        var (_, first) = await RunAsync("022", list);
        var (_, second) = await RunAsync("022", list);

        Assert.Matches(
            $"^Other users had rights to [0-9]+ files and directories in {State}; the rights were removed\\. [^\n]*\nOther "
                + $"users had rights to [^\n]* in {PathOf("logs")}; [^\n]*\n$",
            first
        );
        Assert.Equal("", second);
        ShouldBePrivate(State);
        Assert.All(Directory.GetFiles(PathOf("logs")).Where(file => file != theirs), ShouldBePrivate);
        Assert.Equal(Wide, File.GetUnixFileMode(theirs));
        Assert.Equal(WideDirectory, File.GetUnixFileMode(PathOf("logs")));
    }

    /// <summary>Until it has done a job; what is there meanwhile is examined too.</summary>
    private async Task ServeAsync(string umask)
    {
        string[] settings = ["--set", $"JobsDirectory={_organisation.Jobs}"];
        await RunAsync(umask, ["jobs", "trigger", "move", .. settings]);
        using var service = MigratorProcess.StartUnder(
            umask,
            State,
            ["serve", "--set", $"Dashboard:Urls=http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}", .. settings]
        );
        await ServeTests.UntilAsync(
            service,
            () =>
                Task.FromResult(
                    File.Exists(Path.Combine(State, "schedules.db"))
                        && Directory.Exists(Path.Combine(State, "spool"))
                        && Directory.GetFiles(Path.Combine(State, "spool"), "*.lock").Length > 0
                )
        );
        ShouldBePrivate(State);
        await ServeTests.UntilAsync(
            service,
            async () =>
            {
                using var status = MigratorProcess.StartUnder(umask, State, ["status", "move", "--json", .. settings]);
                return (await status.EndAsync()).Output.Contains("\"state\":\"complete\"", StringComparison.Ordinal);
            }
        );
        ShouldBePrivate(State);
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();
        Assert.True(code == ExitCode.Success, output + errors);
    }

    private async Task<(string Output, string Errors)> RunAsync(string umask, params string[] arguments)
    {
        using var process = MigratorProcess.StartUnder(umask, State, arguments);
        var (code, output, errors) = await process.EndAsync();
        Assert.True(code == ExitCode.Success, $"{string.Join(' ', arguments)}: {code}: {output}{errors}");
        return (output, errors);
    }

    private string BackupJob()
    {
        var path = PathOf("nightly.json");
        File.WriteAllText(
            path,
            $$"""
            {
              "kind": "backup",
              "source": { "host": "localhost", "port": {{_servers.Old.ImapPort}}, "tls": "none", "user": "{{_organisation.People[
                0
            ]}}", "password": "env:MIGRATOR_SOURCE_PASSWORD" },
              "archive": { "location": "archive" }
            }
            """
        );
        return path;
    }

    private static void ShouldBePrivate(string root)
    {
        var wrong = All(root)
            .Select(Mode)
            .OfType<(string Path, UnixFileMode Mode, bool IsDirectory)>()
            .Where(entry => entry.Mode != (entry.IsDirectory ? PrivateDirectory : Private))
            .ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Select(entry => $"{entry.Path}: {entry.Mode}")));
    }

    /// <returns>Null for what has gone meanwhile.</returns>
    private static (string, UnixFileMode, bool)? Mode(string path)
    {
        try
        {
            return (path, File.GetUnixFileMode(path), Directory.Exists(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static IEnumerable<string> All(string root) =>
        Directory.Exists(root)
            ? Directory
                .GetFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
                .Prepend(root)
            : [root];

    private string PathOf(string name) => Path.Combine(_root.FullName, name);
}
