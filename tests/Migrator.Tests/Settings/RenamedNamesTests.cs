using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Migrator.App.Commands;
using Migrator.App.Settings;
using Migrator.Cli.Commands;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Tests.Jobs;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Settings;

/// <summary>A name of version 0.1 that somebody still uses is an error that gives the present one.</summary>
public sealed class RenamedNamesTests
{
    [Theory]
    [InlineData("atOnce", "4", "maxConcurrency")]
    [InlineData("attempts", "3", "maxAttempts")]
    [InlineData("firstWait", "\"1m\"", "initialRetryDelay")]
    [InlineData("lateAfter", "\"2d\"", "overdueAfter")]
    public void An_old_key_of_a_job_names_the_new_one(string old, string value, string now)
    {
        var errors = JobText.Errors(
            JobText.Full.Replace("\"kind\": \"migrate\",", $"\"kind\": \"migrate\", \"{old}\": {value},", StringComparison.Ordinal)
        );

        Assert.Contains(errors, error => error.Path == $"$.{old}" && error.Message == $"is now named \"{now}\"; rename it.");
    }

    [Theory]
    [InlineData("side", "controlStore")]
    [InlineData("sideSas", "controlStoreSas")]
    public void An_old_key_of_an_archive_names_the_new_one(string old, string now)
    {
        var exception = Assert.Throws<ConfigurationException>(() =>
            JobFile.Parse(
                $$"""
                { "kind": "backup", "source": { "host": "h.example", "user": "u", "password": "prompt" },
                  "archive": { "location": "https://a.example/c", "{{old}}": "env:X" } }
                """,
                "/jobs/nightly.json"
            )
        );

        Assert.Contains(
            exception.Errors,
            error => error.Path == $"$.archive.{old}" && error.Message.Contains($"\"{now}\"", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void An_old_setting_names_the_new_one()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Worker:AtOnce", "4")]).Build();

        var exception = Assert.Throws<ConfigurationException>(() => WorkerSettings.Read(settings));

        var error = Assert.Single(exception.Errors);
        Assert.Equal(("Worker:AtOnce", "is now named \"MaxConcurrency\"; rename it."), (error.Path, error.Message));
    }

    [Theory]
    [InlineData("archive side nightly", "control-store")]
    [InlineData("archive check nightly --side /srv/notes", "--control-store")]
    [InlineData("archive check nightly --side-sas env:X", "--control-store-sas")]
    public void An_old_command_or_option_names_the_new_one(string arguments, string now)
    {
        var errors = CommandErrors.Of(CommandLine.Create().Parse(arguments));

        Assert.Contains(errors, error => error.Contains($"is now named \"{now}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void The_changelog_lists_them_all()
    {
        var changelog = File.ReadAllText(Docs.Path("../CHANGELOG.md"));
        foreach (var (old, now) in RenamedNames.JobKeys.Concat(RenamedNames.Settings).Concat(RenamedNames.CommandLine))
            Assert.Matches($@"\|[^|\n]*{Regex.Escape(old)}`[^|\n]*\|[^|\n]*{Regex.Escape(now)}`[^|\n]*\|", changelog);
    }
}
