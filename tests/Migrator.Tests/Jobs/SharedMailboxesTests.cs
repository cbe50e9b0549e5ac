using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>Mail of two people never ends up in one mailbox because of a slip in a list.</summary>
public sealed class SharedMailboxesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("shared");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("ann@new.example", "imap.new.example", 993)]
    [InlineData("Ann@NEW.example", "imap.new.example", 993)]
    [InlineData("ann@new.example", "IMAP.New.Example.", 993)]
    [InlineData("ann@new.example", "imap.new.example", 143)]
    public void Two_rows_with_one_target_are_refused_and_both_are_named(string user, string host, int port)
    {
        var job = Read(
            "name,source.user,target.user,target.host,target.port\nann,ann,ann@new.example,imap.new.example,\n"
                + $"bob,bob,{user},{host},{port}\ncid,cid,cid@new.example,,\n"
        );

        Assert.Equal("cid", Assert.Single(job.Mailboxes).Name);
        Assert.Equal(
            [("ann", "people.csv line 2"), ("bob", "people.csv line 3")],
            job.InvalidMailboxes.Select(row => (row.Name, row.Place))
        );
        Assert.Contains("is the same mailbox as the target of bob (people.csv line 3)", ErrorOf(job, 0).Message);
        Assert.Contains("is the same mailbox as the target of ann (people.csv line 2)", ErrorOf(job, 1).Message);
        Assert.Contains("\"allowSharedTarget\": true", ErrorOf(job, 1).Message);
    }

    [Theory]
    [InlineData("bob@new.example", "imap.new.example", 993)]
    [InlineData("ann@new.example", "imap.other.example", 993)]
    [InlineData("ann@new.example", "imap.new.example", 1993)]
    public void Other_targets_are_not_taken_for_one(string user, string host, int port) =>
        Assert.Empty(
            Read(
                $"name,source.user,target.user,target.host,target.port\nann,ann,ann@new.example,,\nbob,bob,{user},{host},{port}\n"
            ).InvalidMailboxes
        );

    [Fact]
    public void One_target_for_all_refuses_every_row_and_names_some()
    {
        var job = Read(
            "name,source.user\n" + string.Concat(Enumerable.Range(1, 6).Select(number => $"p{number},p{number}\n")),
            "\"user\": \"archive@new.example\""
        );

        Assert.Empty(job.Mailboxes);
        Assert.Contains("p2 (people.csv line 3), p3 (people.csv line 4), p4 (people.csv line 5) and 2 more", ErrorOf(job, 0).Message);
    }

    [Fact]
    public void A_shared_target_that_is_wanted_is_taken()
    {
        const string rows = "name,source.user,target.user,allowSharedTarget\nann,ann,team,true\nbob,bob,team,";
        Assert.Empty(Read(rows + "true\n").InvalidMailboxes);
        // Anyone who says it for one of them may not know of the other.
        Assert.Equal(2, Read(rows + "\n").InvalidMailboxes.Count);
        Assert.Equal(2, Read(rows + "false\n").InvalidMailboxes.Count);
        Assert.Empty(
            Read(
                rows.Replace(",true", ",") + "\n",
                more: ", \"allowSharedTarget\": true, \"folders\": { \"rename\": { \"INBOX\": \"{name}\" } }"
            ).InvalidMailboxes
        );
    }

    [Fact]
    public void Two_rows_with_one_source_are_refused_and_both_are_named()
    {
        var job = Read("name,source.user,target.user\nann,ann,ann\nbob,ANN,bob\ncid,cid,cid\n");

        Assert.Equal("cid", Assert.Single(job.Mailboxes).Name);
        Assert.Contains("is the same mailbox as the source of bob (people.csv line 3)", ErrorOf(job, 0).Message);
        Assert.Contains("is the same mailbox as the source of ann (people.csv line 2)", ErrorOf(job, 1).Message);
    }

    [Fact]
    public void Rows_in_the_job_file_are_named_by_their_line()
    {
        var path = Path.Combine(_directory.FullName, "inline.json");
        File.WriteAllText(
            path,
            """
            { "mailboxes": [
                "ann",
                "bob"
              ],
              "source": { "host": "imap.old.example", "user": "{name}", "password": "env:OLD" },
              "target": { "host": "imap.new.example", "user": "all", "password": "env:NEW" } }
            """
        );

        var job = JobFile.Read(path);

        Assert.Equal(
            ["inline.json line 2, mailboxes[0]", "inline.json line 3, mailboxes[1]"],
            job.InvalidMailboxes.Select(row => row.Place)
        );
    }

    [Theory]
    [InlineData("/srv/mail/", 2)]
    [InlineData("/srv/other", 0)]
    public void Two_jobs_that_keep_one_mailbox_in_one_archive_are_refused(string location, int refused)
    {
        JobDefinition Backup(string name, string where, string more = "") =>
            JobFile.Parse(
                $$"""
                { "kind": "backup", "name": "{{name}}",
                  "source": { "host": "imap.old.example", "user": "ann", "password": "env:OLD" },
                  "archive": { "location": "{{where}}" }{{more}} }
                """,
                Path.Combine(_directory.FullName, name + ".json")
            );
        const string allow = ", \"allowSharedTarget\": true";

        Assert.Equal(
            refused,
            SharedMailboxes.Refuse([Backup("hourly", "/srv/mail"), Backup("nightly", location)]).Sum(job => job.InvalidMailboxes.Count)
        );
        Assert.Equal(
            0,
            SharedMailboxes
                .Refuse([Backup("hourly", "/srv/mail", allow), Backup("nightly", location, allow)])
                .Sum(job => job.InvalidMailboxes.Count)
        );
    }

    [Fact]
    public void Two_jobs_for_the_same_two_mailboxes_merge_nothing()
    {
        JobDefinition Move(string name) =>
            JobFile.Parse(
                $$"""
                { "name": "{{name}}", "source": { "host": "imap.old.example", "user": "ann", "password": "env:OLD" },
                  "target": { "host": "imap.new.example", "user": "ann", "password": "env:NEW" } }
                """,
                name + ".json"
            );

        Assert.All(SharedMailboxes.Refuse([Move("first"), Move("last")]), job => Assert.Empty(job.InvalidMailboxes));
    }

    [Theory]
    [InlineData("Ann@Example.org", "IMAP.example.org", 143)]
    [InlineData("ann@example.org", "imap.example.org.", 993)]
    public void A_mailbox_is_not_copied_into_itself(string user, string host, int port)
    {
        var exception = Assert.Throws<ConfigurationException>(() =>
            JobFile.Parse(
                $$"""
                { "source": { "host": "imap.example.org", "user": "ann@example.org", "password": "env:OLD" },
                  "target": { "host": "{{host}}", "port": {{port}}, "user": "{{user}}", "password": "env:NEW" } }
                """,
                "self.json"
            )
        );

        Assert.Equal("$.target", Assert.Single(exception.Errors).Path);
    }

    [Theory]
    [InlineData("münchen.example", "xn--mnchen-3ya.example")]
    [InlineData("::1", "0:0:0:0:0:0:0:1")]
    public void A_host_in_other_letters_is_the_same(string host, string other)
    {
        MailServer At(string name) =>
            new(name, 993, TlsMode.Implicit, "ann", new SecretReference(SecretSource.Env, "X"), AuthMethod.Auto, CertificateTrust.System);

        Assert.Equal(MailboxIdentity.Of(At(host)), MailboxIdentity.Of(At(other)));
    }

    private static ConfigurationError ErrorOf(JobDefinition job, int row) => Assert.Single(job.InvalidMailboxes[row].Errors);

    private JobDefinition Read(string list, string target = "\"user\": \"{name}\"", string more = "")
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "people.csv"), list);
        return JobFile.Parse(
            $$"""
            { "mailboxes": "people.csv", "source": { "host": "imap.old.example", "password": "env:OLD" },
              "target": { "host": "imap.new.example", {{target}}, "password": "env:NEW" }{{more}} }
            """,
            Path.Combine(_directory.FullName, "people.json")
        );
    }
}
