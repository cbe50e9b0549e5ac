using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Jobs;
using Migrator.Core.Jobs;
using Migrator.Service.Jobs;
using Migrator.Tests.Recovery;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>The service sees what happens to job files while it runs: because the system tells it, and where it does not, all the
/// same.</summary>
public sealed class JobDirectoryTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("jobs-");
    private readonly JobCatalogue _catalogue = new();
    private JobDirectory? _service;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.StopAsync(CancellationToken.None);
        _service?.Dispose();
        _directory.Delete(recursive: true);
    }

    // The real clock: a poll would come half a minute later. The impatient one: polls come one after another.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_that_come_change_and_go_are_seen(bool impatient)
    {
        await StartAsync(impatient);

        await UntilAsync(() => Write("ann.json", JobFilesTests.Text("ann", "a@old.example")), jobs => jobs is [{ Name: "ann" }]);
        await UntilAsync(
            () => Write("ann.json", JobFilesTests.Text("ann", "b@old.example")),
            jobs => jobs is [{ Name: "ann", Mailboxes: [{ Job: MailboxJob { Source.User: "b@old.example" } }] }]
        );
        await UntilAsync(() => File.Delete(PathOf("ann.json")), jobs => jobs is []);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_of_mailboxes_in_another_directory_is_seen_to_change(bool impatient)
    {
        _directory.CreateSubdirectory("lists");
        Write("lists/people.csv", "name,source.user\nann,ann@old.example\n");
        Write("people.json", JobFilesTests.Text("people", null, "\"mailboxes\": \"lists/people.csv\""));
        await StartAsync(impatient);
        Assert.Single(Assert.Single(_catalogue.Jobs).Mailboxes);

        await UntilAsync(
            () => Write("lists/people.csv", "name,source.user\nann,ann@old.example\nbob,bob@old.example\n"),
            jobs => jobs is [{ Mailboxes.Count: 2 }]
        );
    }

    [Fact]
    public async Task A_file_that_an_editor_puts_in_the_place_of_the_old_one_is_seen()
    {
        Write("ann.json", JobFilesTests.Text("ann", "a@old.example"));
        await StartAsync(impatient: false);

        await UntilAsync(
            () =>
            {
                Write(".ann.json.swp", "half");
                Write("ann.json~", JobFilesTests.Text("ann", "a@old.example"));
                Write("new", JobFilesTests.Text("ann", "b@old.example"));
                File.Move(PathOf("new"), PathOf("ann.json"), overwrite: true);
            },
            jobs => jobs is [{ Mailboxes: [{ Job: MailboxJob { Source.User: "b@old.example" } }] }]
        );
        Assert.Empty(_catalogue.Broken);
    }

    [Fact]
    public async Task A_directory_that_comes_late_is_found()
    {
        var late = Path.Combine(_directory.FullName, "late");
        _service = new JobDirectory(
            new JobFiles(late, _catalogue, NullLogger<JobFiles>.Instance),
            new ImmediateClock(),
            NullLogger<JobDirectory>.Instance
        );
        await _service.StartAsync(Stop);

        await UntilAsync(
            () =>
            {
                Directory.CreateDirectory(late);
                Write("late/ann.json", JobFilesTests.Text("ann", "a@old.example"));
            },
            jobs => jobs is [{ Name: "ann" }]
        );
    }

    private async Task StartAsync(bool impatient)
    {
        _service = new JobDirectory(
            new JobFiles(_directory.FullName, _catalogue, NullLogger<JobFiles>.Instance),
            impatient ? new ImmediateClock() : TimeProvider.System,
            NullLogger<JobDirectory>.Instance
        );
        await _service.StartAsync(Stop);
        await _catalogue.Filled.WaitAsync(Stop);
    }

    private async Task UntilAsync(Action change, Func<IReadOnlyList<JobDefinition>, bool> expected)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _catalogue.Changed += Look;
        change();
        await seen.Task.WaitAsync(TimeSpan.FromMinutes(2), Stop);
        _catalogue.Changed -= Look;

        void Look()
        {
            if (expected(_catalogue.Jobs))
                seen.TrySetResult();
        }
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);
}
