using Microsoft.Extensions.Logging.Abstractions;
using Migrator.App.Jobs;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>Whatever lies in the jobs directory, the jobs beside it are read, and what cannot be used is named.</summary>
public sealed class HostileFilesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hostile");
    private readonly JobCatalogue _catalogue = new();

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(14)]
    public void Every_file_that_cannot_be_used_is_named_and_stops_no_other(int seed)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "good.json"), HostileFiles.Job("good"));
        var hostile = new HostileFiles(_directory.FullName, seed).Write(mutants: 200);

        new JobFiles(_directory.FullName, _catalogue, NullLogger<JobFiles>.Instance).Read();

        Assert.Equal("good@old.example", ((MailboxJob)Assert.Single(_catalogue.Find("good")!.Mailboxes).Job).Source.User);
        var reported = _catalogue
            .Broken.Select(broken => broken.File)
            .Concat(_catalogue.Jobs.Where(job => job.InvalidMailboxes.Count > 0).Select(job => job.File))
            .ToHashSet();
        Assert.Empty(hostile.Bad.Except(reported));
        // Each file is a job, or said to be none.
        Assert.Equal(
            Directory.EnumerateFileSystemEntries(_directory.FullName, "*.json").Order(StringComparer.Ordinal),
            _catalogue.Jobs.Select(job => job.File).Concat(_catalogue.Broken.Select(broken => broken.File)).Order(StringComparer.Ordinal)
        );
        var errors = _catalogue
            .Broken.SelectMany(broken => broken.Errors)
            .Concat(_catalogue.Jobs.SelectMany(job => job.InvalidMailboxes).SelectMany(row => row.Errors))
            .ToList();
        Assert.DoesNotContain(errors, error => error.Message.Contains("nternal error in Migrator", StringComparison.Ordinal));
        Assert.All(errors, error => Assert.InRange(error.Message.Length, 10, 5000));
    }

    [Fact]
    public void A_column_with_a_space_is_named()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "people.csv"), "name,source user,target.user\nann,a,a\nbob,b,b\n");
        var exception = Assert.Throws<ConfigurationException>(() =>
            JobFile.Parse(
                """
                { "mailboxes": "people.csv",
                  "source": { "host": "imap.old.example", "user": "{name}", "password": "env:OLD" },
                  "target": { "host": "imap.new.example", "password": "env:NEW" } }
                """,
                Path.Combine(_directory.FullName, "people.json")
            )
        );

        var error = Assert.Single(exception.Errors);
        Assert.Equal("$[\"source user\"]", error.Path);
        Assert.Contains("is not known", error.Message);
        Assert.Contains($"(column \"source user\" of {Path.Combine(_directory.FullName, "people.csv")})", error.Message);
    }
}
