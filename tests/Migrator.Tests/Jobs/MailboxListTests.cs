using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>Many mailboxes in one job file: in it, or in a list.</summary>
public sealed class MailboxListTests : IDisposable
{
    private const string Template = """
        "source": { "host": "imap.old.example", "user": "{name}@old.example", "password": "file:secrets/{name}.txt" },
        "target": { "host": "imap.new.example", "password": "env:NEW" }
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("lists");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("\t")]
    public void A_row_says_what_differs(string delimiter)
    {
        List(
            "people.csv",
            """
            name,source.user,source.password,target.user,target.port,folders.exclude,connections
            # who has left already
            ann,a.smith@old.example,env:ANN,ann@new.example,1993,Trash|Junk,3

            bob,,,"bob ""bobby"" smith@new.example",,,
            """.Replace(",", delimiter)
        );

        var job = Read("\"people.csv\"");

        Assert.Empty(job.InvalidMailboxes);
        Assert.Equal([Path.Combine(_directory.FullName, "people.csv")], job.Inputs);
        Assert.Equal(["ann", "bob"], job.Mailboxes.Select(mailbox => mailbox.Name));
        var (ann, bob) = ((MigrateJob)job.Mailboxes[0].Job, (MigrateJob)job.Mailboxes[1].Job);
        Assert.Equal(
            ("a.smith@old.example", "env:ANN", "ann@new.example", 1993, 3),
            (ann.Source.User, ann.Source.Password!.ToString(), ann.Target.User, ann.Target.Port, ann.Options.Connections)
        );
        Assert.Equal("imap.new.example", ann.Target.Host);
        Assert.Equal(
            ("bob@old.example", $"file:{Path.Combine(_directory.FullName, "secrets", "bob.txt")}", "bob \"bobby\" smith@new.example", 993),
            (bob.Source.User, bob.Source.Password!.ToString(), bob.Target.User, bob.Target.Port)
        );
    }

    [Fact]
    public void Mailboxes_may_stand_in_the_job_file()
    {
        var job = Read(
            """["ann", { "name": "bob", "source": { "port": 1143 } }, { "source": { "user": "carol@elsewhere.example" } }]""",
            Template.Replace("\"imap.new.example\",", "\"imap.new.example\", \"user\": \"{name}\",")
        );

        Assert.Empty(job.InvalidMailboxes);
        Assert.Equal(
            [
                ("ann", "ann@old.example", 993, "ann"),
                ("bob", "bob@old.example", 1143, "bob"),
                ("carol@elsewhere.example", "carol@elsewhere.example", 993, "carol@elsewhere.example"),
            ],
            job.Mailboxes.Select(mailbox =>
                (
                    mailbox.Name,
                    ((MailboxJob)mailbox.Job).Source.User,
                    ((MailboxJob)mailbox.Job).Source.Port,
                    ((MigrateJob)mailbox.Job).Target.User
                )
            )
        );
    }

    [Fact]
    public void A_row_may_have_a_password_of_its_own_beside_the_file_of_all()
    {
        List(
            "people.csv",
            """
            name,source.password
            ann,
            bob,env:BOB
            """
        );

        var job = Read(
            "\"people.csv\"",
            """
            "source": { "host": "imap.old.example", "user": "{name}@old.example", "passwordFile": "secrets/old.csv" },
            "target": { "host": "imap.new.example", "user": "{name}", "password": "env:NEW" }
            """
        );

        Assert.Empty(job.InvalidMailboxes);
        var passwords = job.Mailboxes.Select(mailbox => ((MailboxJob)mailbox.Job).Source.Password).ToList();
        Assert.Equal(
            ($"passwordFile {Path.Combine(_directory.FullName, "secrets", "old.csv")}", "ann@old.example"),
            (passwords[0]!.ToString(), passwords[0]!.User)
        );
        Assert.Equal("env:BOB", passwords[1]!.ToString());
    }

    [Fact]
    public void A_password_in_a_list_is_refused_with_the_way_to_do_it()
    {
        List("people.csv", "name,source.password,target.user\nann,hunter2,ann\nbob,env:BOB,bob\n");

        var row = Assert.Single(Read("\"people.csv\"").InvalidMailboxes);

        Assert.Contains("passwordFile", Assert.Single(row.Errors).Message);
        Assert.DoesNotContain("hunter2", row.Errors[0].Message);
    }

    [Fact]
    public void A_row_with_an_error_stops_no_other()
    {
        List(
            "people.csv",
            """
            name,source.user,source.port,target.user
            ann,ann@old.example,,ann@new.example
            bob,bob@old.example,99999,bob@new.example
            carol,carol@old.example,,carol@new.example,too,many
            ,,,nobody@new.example
            ann,other@old.example,,other@new.example
            ../evil,evil@old.example,,evil@new.example
            dora,dora@old.example,,
            eve,eve@old.example,,eve@new.example
            """
        );

        var job = Read("\"people.csv\"");

        Assert.Equal(["ann", "eve"], job.Mailboxes.Select(mailbox => mailbox.Name));
        Assert.Equal(
            [
                "bob: people.csv line 3: $.source.port",
                "carol: people.csv line 4: row",
                "people.csv line 5: people.csv line 5: name",
                "ann (people.csv line 6): people.csv line 6: name",
                "people.csv line 7: people.csv line 7: name",
                "dora: people.csv line 8: $.target.user",
            ],
            job.InvalidMailboxes.Select(row => $"{row.Name}: {row.Place}: {string.Join(' ', row.Errors.Select(error => error.Path))}")
        );
        Assert.Contains("the job file refers to it with {name}", job.InvalidMailboxes[2].Errors[0].Message);
    }

    [Fact]
    public void A_row_with_an_error_is_not_mistaken_for_another_of_its_name_wherever_that_is()
    {
        List("people.csv", "name,source.user,target.user\nann,a,\nann,ann@old.example,ann@new.example\nbob,b1,\nbob,b2,\n");

        var job = Read("\"people.csv\"");

        Assert.Equal("ann", Assert.Single(job.Mailboxes).Name);
        Assert.Equal(["ann (people.csv line 2)", "bob", "bob (people.csv line 5)"], job.InvalidMailboxes.Select(row => row.Name));
    }

    [Fact]
    public void What_stands_twice_in_a_row_stops_no_other()
    {
        var job = Read(
            """["ann", { "name": "bob", "source": { "port": 1143, "port": 2143 } }, { "name": "cid", "name": "dan" }]""",
            Template.Replace("\"imap.new.example\",", "\"imap.new.example\", \"user\": \"{name}\",")
        );

        Assert.Equal("ann", Assert.Single(job.Mailboxes).Name);
        Assert.Equal(
            ["has source.port twice; keep one.", "has name twice; keep one."],
            job.InvalidMailboxes.Select(row => Assert.Single(row.Errors).Message)
        );
    }

    [Theory]
    [InlineData("\"port\": 1143, \"port\": 993, \"host\": \"imap.old.example\"", "", "$.source.port")]
    [InlineData("\"host\": \"imap.old.example\"", ", \"folders\": {}, \"folders\": {}", "$.folders")]
    [InlineData("\"host\": \"imap.old.example\"", ", \"schedule\": { \"every\": \"1h\", \"every\": \"2h\" }", "$.schedule.every")]
    public void What_is_specified_twice_beside_the_list_is_reported(string source, string more, string path)
    {
        var exception = Assert.Throws<ConfigurationException>(() =>
            Read(
                "[\"ann\", { \"name\": \"bob\", \"source\": { \"tls\": \"starttls\" } }]",
                Template.Replace("\"host\": \"imap.old.example\"", source) + more
            )
        );

        Assert.Equal(new(path, "is specified twice; remove one.", 1), Assert.Single(exception.Errors) with { Line = 1 });
    }

    [Fact]
    public void Empty_columns_and_rows_of_a_spreadsheet_are_nothing()
    {
        List("people.csv", "name;target.user;;\nann;ann;;\n;;;\n ; ;\nbob;bob\n;;;;;;\n");

        var job = Read("\"people.csv\"");

        Assert.Empty(job.InvalidMailboxes);
        Assert.Equal(["ann", "bob"], job.Mailboxes.Select(mailbox => mailbox.Name));
    }

    [Fact]
    public void An_error_that_all_rows_share_is_one_of_the_job_file()
    {
        List("people.csv", "name,target.user\nann,ann\nbob,bob\n");

        var exception = Assert.Throws<ConfigurationException>(() =>
            Read("\"people.csv\"", Template.Replace("imap.old.example\"", "not a host\"", StringComparison.Ordinal))
        );

        Assert.Equal("$.source.host", Assert.Single(exception.Errors).Path);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("name,source.user\n", "lists no mailbox")]
    [InlineData("name,name\nann,ann\n", "has the column \"name\" twice")]
    // Everybody down to the next quote would be gone.
    [InlineData("name,target.user\nann,ann\nbob,\"bob\ncid,cid\ndan,\"dan\"\n", "a double quote that is not closed in its line, in line 3")]
    [InlineData("name,target.user\nann,ann\nbob,\"bob\ncid,cid\n", "a double quote that is not closed in its line, in line 3")]
    public void A_list_that_cannot_be_used_is_reported(string text, string why)
    {
        List("people.csv", text);
        Assert.Contains(why, Assert.Single(Assert.Throws<ConfigurationException>(() => Read("\"people.csv\"")).Errors).Message);
    }

    [Fact]
    public void A_list_in_another_alphabet_is_reported()
    {
        File.WriteAllBytes(
            Path.Combine(_directory.FullName, "people.csv"),
            [.. Encoding.UTF8.Preamble, .. Encoding.Latin1.GetBytes("name,target.user\nJürgen,j\n")]
        );
        Assert.Contains("CSV UTF-8", Assert.Single(Assert.Throws<ConfigurationException>(() => Read("\"people.csv\"")).Errors).Message);
        File.WriteAllBytes(Path.Combine(_directory.FullName, "people.csv"), Encoding.Latin1.GetBytes("name,target.user\nJürgen,j\n"));
        Assert.Contains("CSV UTF-8", Assert.Single(Assert.Throws<ConfigurationException>(() => Read("\"people.csv\"")).Errors).Message);
        Assert.Contains(
            "cannot be read",
            Assert.Single(Assert.Throws<ConfigurationException>(() => Read("\"nowhere.csv\"")).Errors).Message
        );
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("\"\"")]
    public void Something_else_than_a_list_is_reported(string mailboxes) =>
        Assert.Contains(Assert.Throws<ConfigurationException>(() => Read(mailboxes)).Errors, error => error.Path == "$.mailboxes");

    [Fact]
    public void A_password_in_a_row_is_never_repeated()
    {
        List("people.csv", "name,source.password,target.user\nann,hunter2-in-the-open,ann\nbob,env:BOB,bob\n");

        var bad = Assert.Single(Read("\"people.csv\"").InvalidMailboxes);

        Assert.Equal("ann", bad.Name);
        Assert.DoesNotContain("hunter2", string.Join('\n', bad.Errors));
    }

    [Fact]
    public void A_spreadsheet_may_say_its_delimiter_in_a_line_before()
    {
        List("people.csv", "\uFEFFsep=;\r\nname;target.user\r\nann;ann,a\r\nbob;\r\n");

        var job = Read("\"people.csv\"");

        Assert.Equal("ann,a", ((MigrateJob)Assert.Single(job.Mailboxes).Job).Target.User);
        Assert.Equal("people.csv line 4", Assert.Single(job.InvalidMailboxes).Place);
    }

    [Theory]
    [InlineData("“ann@new.example”", "typographic quote")]
    [InlineData("\"=\"\"ann@new.example\"\"\"", "is a formula")]
    public void What_a_spreadsheet_puts_around_a_name_is_not_taken_for_part_of_it(string cell, string why)
    {
        List("people.csv", $"name,target.user\nann,{cell}\nbob,bob\n");

        var row = Assert.Single(Read("\"people.csv\"").InvalidMailboxes);

        Assert.Equal(("ann", "people.csv line 2"), (row.Name, row.Place));
        Assert.Contains(
            $"has a cell for target.user that {(why == "is a formula" ? why : "begins with a " + why)}",
            Assert.Single(row.Errors).Message
        );
    }

    [Fact]
    public void Thousands_of_rows_are_read()
    {
        List(
            "people.csv",
            "\uFEFFname,target.user\r\n"
                + string.Concat(
                    Enumerable.Range(0, 5000).Select(number => $"p{number:0000},{(number == 4711 ? "" : $"p{number}@new.example")}\r\n")
                )
        );

        var job = Read("\"people.csv\"");

        Assert.Equal(4999, job.Mailboxes.Count);
        Assert.Equal(("p4711", "people.csv line 4713"), (Assert.Single(job.InvalidMailboxes).Name, job.InvalidMailboxes[0].Place));
    }

    private JobDefinition Read(string mailboxes, string template = Template)
    {
        var path = Path.Combine(_directory.FullName, "move.json");
        File.WriteAllText(path, $$"""{ "mailboxes": {{mailboxes}}, {{template}} }""");
        return JobFile.Read(path);
    }

    private void List(string name, string text) => File.WriteAllText(Path.Combine(_directory.FullName, name), text);
}
