using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Migrator.App.Execution;
using Migrator.App.Jobs;
using Migrator.Core.Jobs;
using Xunit;

namespace Migrator.Tests.Jobs;

public sealed class JobFilesTests : IDisposable, ILogger<JobFiles>
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("jobs-");
    private readonly JobCatalogue _catalogue = new();
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Message)> _log = [];
    private readonly JobFiles _files;
    private int _changes;

    public JobFilesTests()
    {
        _files = new JobFiles(_directory.FullName, _catalogue, this);
        _catalogue.Changed += () => _changes++;
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Only_job_files_are_read()
    {
        foreach (var name in new[] { "ann.json", ".bob.json", "cid.json~", "job.schema.json", "people.csv", "dan.json.bak" })
            Write(name, Text(name));
        _directory.CreateSubdirectory("deep");
        Write("deep/eve.json", Text("eve"));

        _files.Read();

        Assert.Equal("ann.json", Assert.Single(_catalogue.Jobs).Name);
        Assert.Empty(_catalogue.Broken);
    }

    [Fact]
    public void What_has_not_changed_is_not_read_again()
    {
        Write("ann.json", Text("ann"));
        _files.Read();
        var job = _catalogue.Find("ann");

        _files.Read();
        Assert.Same(job, _catalogue.Find("ann"));
        Assert.Equal(1, _changes);

        Write("bob.json", Text("bob"));
        _files.Read();
        Assert.Same(job, _catalogue.Find("ann"));
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void A_change_is_seen_though_size_and_time_are_the_same()
    {
        Write("ann.json", Text("ann", "a@old.example"));
        _files.Read();
        var time = File.GetLastWriteTimeUtc(PathOf("ann.json"));

        Write("ann.json", Text("ann", "b@old.example"));
        File.SetLastWriteTimeUtc(PathOf("ann.json"), time);
        _files.Read();

        Assert.Equal("b@old.example", ((MailboxJob)_catalogue.Find("ann")!.Mailboxes[0].Job).Source.User);
    }

    [Fact]
    public void A_file_that_breaks_leaves_its_job_as_it_was_until_it_is_mended()
    {
        Write("ann.json", Text("ann", "a@old.example"));
        _files.Read();

        Write("ann.json", Text("ann", "b@old.example").Replace("\"source\"", "\"sauce\""));
        _files.Read();
        Assert.Equal("a@old.example", ((MailboxJob)Assert.Single(_catalogue.Find("ann")!.Mailboxes).Job).Source.User);
        var broken = Assert.Single(_catalogue.Broken);
        Assert.Equal((PathOf("ann.json"), true), (broken.File, broken.Kept));

        Write("ann.json", Text("ann", "b@old.example"));
        _files.Read();
        Assert.Equal("b@old.example", ((MailboxJob)Assert.Single(_catalogue.Find("ann")!.Mailboxes).Job).Source.User);
        Assert.Empty(_catalogue.Broken);
    }

    [Fact]
    public void A_file_that_was_broken_from_the_start_makes_no_job()
    {
        Write("ann.json", "{ \"source\": ");
        Write("bob.json", Text("bob"));

        _files.Read();

        Assert.Equal("bob", Assert.Single(_catalogue.Jobs).Name);
        Assert.False(Assert.Single(_catalogue.Broken).Kept);
    }

    [Fact]
    public void What_is_wrong_is_told_once_with_its_file_and_line()
    {
        Write("ann.json", Text("ann", null, "\"schedule\": {\n  \"cron\": \"0 25 * * *\"\n}"));
        for (var times = 0; times < 3; times++)
            _files.Read();

        var warning = Assert.Single(_log, entry => entry.Level == LogLevel.Warning);
        Assert.Equal(2122, warning.Id);
        Assert.Contains($"{PathOf("ann.json")}, line 5: $.schedule.cron has \"25\" for the hours;", warning.Message);
        Assert.Equal(5, Assert.Single(Assert.Single(_catalogue.Broken).Errors).Line);

        Write("ann.json", Text("ann", null, "\"schedule\": {\n  \"cron\": \"0 26 * * *\"\n}"));
        _files.Read();
        Assert.Equal(2, _log.Count(entry => entry.Level == LogLevel.Warning));
    }

    [Fact]
    public void What_is_wrong_is_told_though_the_catalogue_was_filled_before()
    {
        Write("ann.json", "{ \"source\": ");
        new JobFiles(_directory.FullName, _catalogue, Microsoft.Extensions.Logging.Abstractions.NullLogger<JobFiles>.Instance).Read();

        _files.Read();

        Assert.Contains(PathOf("ann.json"), Assert.Single(_log, entry => entry.Level == LogLevel.Warning).Message);
    }

    [Fact]
    public void Of_two_files_with_one_name_none_is_used_whichever_was_there_first()
    {
        Write("m.json", Text("ann", "first@old.example"));
        Write("a.json", Text("ann", "second@old.example"));
        Write("bob.json", Text("bob"));
        _files.Read();

        Assert.Equal("bob", Assert.Single(_catalogue.Jobs).Name);
        Assert.Equal(
            [(PathOf("a.json"), false), (PathOf("m.json"), false)],
            _catalogue.Broken.Select(broken => (broken.File, broken.Kept))
        );
        var error = Assert.Single(_catalogue.Broken[0].Errors);
        Assert.Equal("$.name", error.Path);
        Assert.Contains($"is \"ann\", and so is that of {PathOf("m.json")}: none of them is used.", error.Message);
        Assert.Contains(
            $"Several files define it: {PathOf("a.json")}, {PathOf("m.json")}.",
            new UnknownJobException("ann", _catalogue).Message
        );
        // Both names are known: neither file can be this job's.
        Assert.Empty(_catalogue.Wanted("carol")!);
        Assert.Null(_catalogue.Wanted("ann"));

        // The name is free again.
        File.Delete(PathOf("m.json"));
        _files.Read();
        Assert.Equal("second@old.example", ((MailboxJob)Assert.Single(_catalogue.Find("ann")!.Mailboxes).Job).Source.User);
        Assert.Empty(_catalogue.Broken);
    }

    [Fact]
    public void A_job_that_runs_stays_as_it_was_where_another_file_takes_its_name()
    {
        Write("m.json", Text("ann", "first@old.example"));
        _files.Read();
        foreach (var user in new[] { "changed@old.example", "again@old.example" })
        {
            Write("a.json", Text("ann", "second@old.example"));
            Write("m.json", Text("ann", user));
            _files.Read();

            Assert.Equal("first@old.example", ((MailboxJob)Assert.Single(_catalogue.Find("ann")!.Mailboxes).Job).Source.User);
            Assert.Equal(
                [(PathOf("a.json"), false), (PathOf("m.json"), true)],
                _catalogue.Broken.Select(broken => (broken.File, broken.Kept))
            );
        }
    }

    [Fact]
    public void A_file_that_takes_the_name_of_another_keeps_its_old_job()
    {
        Write("a.json", Text("ann"));
        Write("b.json", Text("bob"));
        _files.Read();

        Write("a.json", Text("bob"));
        _files.Read();

        Assert.Equal(["ann", "bob"], _catalogue.Jobs.Select(job => job.Name));
        Assert.Equal([(PathOf("a.json"), true), (PathOf("b.json"), true)], _catalogue.Broken.Select(broken => (broken.File, broken.Kept)));
    }

    [Fact]
    public void Jobs_that_would_merge_two_mailboxes_are_refused_until_one_of_them_has_another_target()
    {
        Write("ann.json", Text("ann", "ann@old.example"));
        Write("bob.json", Text("bob", "bob@old.example").Replace("{name}.bob", "{NAME}.Ann"));
        for (var times = 0; times < 2; times++)
            _files.Read();

        Assert.Equal(1, _changes);
        Assert.All(_catalogue.Jobs, job => Assert.Empty(job.Mailboxes));
        Assert.Equal(["ann.json", "bob.json"], _catalogue.Jobs.Select(job => Assert.Single(job.InvalidMailboxes).Place));
        var error = Assert.Single(_catalogue.Find("ann")!.InvalidMailboxes[0].Errors);
        Assert.Equal("$.target", error.Path);
        Assert.Contains(
            $"is the same mailbox as the target of bob@old.example (bob.json; job \"bob\" in {PathOf("bob.json")}).",
            error.Message
        );
        Assert.Equal(2, _log.Count(entry => entry.Id == 2123));

        Write("bob.json", Text("bob", "bob@old.example"));
        _files.Read();
        Assert.All(_catalogue.Jobs, job => Assert.Single(job.Mailboxes));
    }

    [Fact]
    public void A_list_of_mailboxes_that_changes_or_goes_missing_is_noticed()
    {
        Write("people.csv", "name,source.user\nann,ann@old.example\n");
        Write("people.json", Text("people", null, "\"mailboxes\": \"people.csv\""));
        _files.Read();
        Assert.Equal("ann", Assert.Single(_catalogue.Find("people")!.Mailboxes).Name);

        Write("people.csv", "name,source.user\nann,ann@old.example\nbob,bob@old.example\n");
        _files.Read();
        Assert.Equal(["ann", "bob"], _catalogue.Find("people")!.Mailboxes.Select(mailbox => mailbox.Name));

        File.Delete(PathOf("people.csv"));
        _files.Read();
        Assert.True(Assert.Single(_catalogue.Broken).Kept);
        Assert.Equal(2, _catalogue.Find("people")!.Mailboxes.Count);

        Write("people.csv", "name,source.user\ncid,cid@old.example\n");
        _files.Read();
        Assert.Equal("cid", Assert.Single(_catalogue.Find("people")!.Mailboxes).Name);
        Assert.Empty(_catalogue.Broken);
    }

    [Fact]
    public void A_row_with_a_mistake_is_told_of_and_stops_none_of_the_others()
    {
        Write("people.csv", "name,source.user,source.port\nann,ann@old.example,\nbob,bob@old.example,99999\n");
        Write("people.json", Text("people", null, "\"mailboxes\": \"people.csv\""));

        _files.Read();
        _files.Read();

        Assert.Equal("ann", Assert.Single(_catalogue.Find("people")!.Mailboxes).Name);
        Assert.Contains("mailbox bob cannot be run", Assert.Single(_log, entry => entry.Level == LogLevel.Warning).Message);
    }

    [Fact]
    public void A_link_that_leads_elsewhere_is_a_file_that_changed()
    {
        _directory.CreateSubdirectory("one");
        _directory.CreateSubdirectory("two");
        Write("one/ann.json", Text("ann", "a@old.example"));
        Write("two/ann.json", Text("ann", "b@old.example"));
        foreach (var (number, content) in new[] { ("one", "a@old.example"), ("two", "b@old.example") })
        {
            File.Delete(PathOf("ann.json"));
            File.CreateSymbolicLink(PathOf("ann.json"), PathOf($"{number}/ann.json"));
            File.SetLastWriteTimeUtc(PathOf($"{number}/ann.json"), new DateTime(2027, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            _files.Read();
            Assert.Equal(content, ((MailboxJob)Assert.Single(_catalogue.Find("ann")!.Mailboxes).Job).Source.User);
        }
    }

    [Fact]
    public void A_directory_that_goes_away_takes_no_job_along()
    {
        Write("ann.json", Text("ann"));
        _files.Read();

        Directory.Move(_directory.FullName, $"{_directory.FullName}-away");
        _files.Read();
        _files.Read();
        Directory.Move($"{_directory.FullName}-away", _directory.FullName);

        Assert.NotNull(_catalogue.Find("ann"));
        Assert.Equal(2124, Assert.Single(_log, entry => entry.Level == LogLevel.Error).Id);
    }

    [Fact]
    public void Without_a_directory_nothing_is_known()
    {
        new JobFiles(PathOf("nowhere"), _catalogue, this).Read();

        Assert.False(_catalogue.Filled.IsCompleted);
    }

    /// <param name="more">Further members.</param>
    internal static string Text(string name, string? user = null, string? more = null) =>
        $$"""
            { "name": "{{name}}",
              "source": { "host": "imap.old.example", "user": "{{user ?? "{name}@old.example"}}", "password": "env:OLD" },
              "target": { "host": "imap.new.example", "user": "{name}.{{name}}", "password": "env:NEW" }{{(
                more is null ? "" : $",\n{more}"
            )}}
            }
            """;

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _log.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
}
