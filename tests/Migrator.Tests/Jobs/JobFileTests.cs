using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Secrets;
using Xunit;

namespace Migrator.Tests.Jobs;

public sealed class JobFileTests
{
    private const string Least = """
        { "source": { "host": "a.example", "user": "ann", "password": "prompt" },
          "target": { "host": "b.example", "user": "ann", "password": "env:B" } }
        """;

    [Fact]
    public void Everything_that_can_be_said_is_read()
    {
        var job = JobText.Parse(JobText.Full);

        Assert.Equal("ann", job.Name);
        Assert.Equal(
            new MailServer(
                "imap.old.example",
                1143,
                TlsMode.StartTls,
                "ann@old.example",
                new(SecretSource.Env, "OLD_PASSWORD"),
                AuthMethod.ScramSha256,
                new(null, Path.Combine(JobText.Directory, "ca.pem"))
            ),
            job.Source
        );
        Assert.Equal(new SecretReference(SecretSource.File, Path.Combine(JobText.Directory, "secrets", "ann.txt")), job.Target.Password);
        Assert.Equal(["**"], job.Folders.Include);
        Assert.Equal(["Trash", "Trash/**"], job.Folders.Exclude);
        Assert.Equal(FolderPath.Parse("Old mail"), job.Folders.Into);
        Assert.Equal([new("Old/Path", "New/Path")], job.Folders.Rename);
        Assert.Equal(["Year */**", "Z*", "A?"], job.Folders.RenamePatterns.Select(pattern => pattern.From));
        Assert.Equal(SpecialUseRule.Name, job.Folders.SpecialUse);
        Assert.False(job.Folders.CreateEmpty);
        Assert.Equal([new("bob", "bob@new.example")], job.Folders.Access!.Identifiers);
        Assert.Equal([NamespaceKind.Private, NamespaceKind.Public], job.Folders.Namespaces);
        Assert.Equal(new RunOptions(5, 64 << 20), job.Options);
    }

    [Fact]
    public void What_is_not_said_has_a_default()
    {
        var job = JobText.Parse(Least);

        Assert.Equal("nightly", job.Name);
        Assert.Equal(
            new MailServer(
                "a.example",
                993,
                TlsMode.Implicit,
                "ann",
                new(SecretSource.Prompt, ""),
                AuthMethod.Auto,
                CertificateTrust.System
            ),
            job.Source
        );
        Assert.Equal(FolderRules.All, job.Folders);
        Assert.Equal(RunOptions.Default, job.Options);
    }

    [Theory]
    [InlineData("implicit", 993)]
    [InlineData("starttls", 143)]
    [InlineData("none", 143)]
    public void The_port_follows_tls(string tls, int port) =>
        Assert.Equal(port, JobText.Parse(Least.Replace("\"user\"", $"\"tls\": \"{tls}\", \"user\"")).Source.Port);

    [Theory]
    [InlineData("implicit", 995)]
    [InlineData("starttls", 110)]
    [InlineData("none", 110)]
    public void A_source_may_be_POP3(string tls, int port)
    {
        var source = JobText
            .Parse(Least.Replace("{ \"host\": \"a.example\"", $"{{ \"protocol\": \"pop3\", \"tls\": \"{tls}\", \"host\": \"a.example\""))
            .Source;

        Assert.Equal((MailProtocol.Pop3, port, $"pop3://ann@a.example:{port}"), (source.Protocol, source.Port, source.Account));
    }

    [Fact]
    public void A_target_may_not()
    {
        var error = Assert.Single(
            JobText.Errors(Least.Replace("{ \"host\": \"b.example\"", "{ \"protocol\": \"pop3\", \"host\": \"b.example\""))
        );

        Assert.Equal(new("$.target.protocol", "is \"pop3\", which can only be read from; mail goes to an \"imap\" server.", 2), error);
    }

    [Theory]
    [InlineData("sha256:", false)]
    [InlineData("SHA256:", true)]
    [InlineData("", true)]
    public void A_fingerprint_is_read_as_tools_print_it(string before, bool colons)
    {
        var digits = string.Concat(Enumerable.Repeat("0aF9", 16));
        var printed = colons ? string.Join(':', digits.Chunk(2).Select(pair => new string(pair))) : digits;
        Assert.Equal(
            digits.ToLowerInvariant(),
            JobText.Parse(JobText.With("\"caFile\": \"ca.pem\"", $"\"fingerprint\": \"{before}{printed}\"")).Source.Trust.Fingerprint
        );
    }

    [Theory]
    [InlineData("1 MiB", 1L << 20)]
    [InlineData("1.5GiB", 3L << 29)]
    [InlineData("2048 kib", 2L << 20)]
    [InlineData("1048576", 1L << 20)]
    [InlineData("7 b", 7L)]
    [InlineData("1 MB", null)]
    [InlineData("1 \u212AiB", null)]
    [InlineData("-1 MiB", null)]
    [InlineData("999999999999 GiB", null)]
    [InlineData("", null)]
    public void Sizes(string text, long? bytes) => Assert.Equal(bytes, JobFile.ParseSize(text));

    [Theory]
    [InlineData("[::1]", "::1")]
    [InlineData("::1", "::1")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("b\u00fccher.example", "b\u00fccher.example")]
    public void A_host_may_be_an_address(string text, string host) =>
        Assert.Equal(host, JobText.Parse(JobText.With("imap.old.example", text)).Source.Host);

    [Fact]
    public void Every_error_is_named_with_its_line()
    {
        var errors = JobText.Errors(
            """
            {
              "nmae": "x",
              "source": {
                "host": "a.example",
                "port": 0,
                "tls": "ssl",
                "user": "ann",
                "password": "hunter2"
              },
              "folders": {
                "include": [
                  "ok",
                  7
                ],
                "rename": { "a b": "x//y" }
              },
              "connections": "many"
            }
            """
        );

        Assert.Equal(
            [
                new("$.source.tls", "is \"ssl\"; use \"implicit\", \"starttls\" or \"none\".", 6),
                new("$.source.port", "must be a whole number from 1 to 65535, not 0.", 5),
                new(
                    "$.source.password",
                    "must not be the password itself (it is not shown here); say where the password is: \"env:NAME\", "
                        + "\"file:PATH\", \"setting:NAME\", \"command:LINE\" or \"prompt\"; or give the file with the passwords of all "
                        + "mailboxes in \"passwordFile\".",
                    8
                ),
                new("$.target", "is missing; say where mail goes: host, user and password.", 1),
                new("$.folders.include[1]", "must be text in quotes, not a number.", 13),
                new("$.folders.rename[\"a b\"]", "'x//y' is not a folder path: a name in it is empty.", 15),
                new("$.connections", "must be a whole number from 1 to 16, not \"many\".", 17),
                new("$.nmae", "is not known; did you mean \"name\"?", 2),
            ],
            errors
        );
    }

    [Theory]
    [InlineData("a\\u0000b")]
    [InlineData("a\\nb")]
    public void A_name_is_one_line_of_text(string name) =>
        Assert.Equal("$.name", Assert.Single(JobText.Errors(JobText.With("\"name\": \"ann\"", $"\"name\": \"{name}\""))).Path);

    [Fact]
    public void A_file_in_another_encoding_is_reported_before_names_in_it_are_read_wrong()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, Encoding.Latin1.GetBytes(JobText.With("\"user\": \"ann\"", "\"user\": \"Jürgen\"")));
            var error = Assert.Single(Assert.Throws<ConfigurationException>(() => JobFile.Read(file)).Errors);
            Assert.Contains("is not UTF-8", error.Message);
            Assert.Contains("Jürgen", JobText.With("\"user\": \"ann\"", "\"user\": \"Jürgen\"").Split('\n')[error.Line!.Value - 1]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_property_that_stands_twice_is_refused()
    {
        var error = Assert.Single(JobText.Errors(JobText.With("\"port\": 1143,", "\"port\": 1143,\n    \"port\": 143,")));
        Assert.Equal(new("$.source.port", "is specified twice; remove one.", 9), error);
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData("env:")]
    [InlineData("file:\\u0000hunter2")]
    [InlineData("ENV:hunter2")]
    public void A_password_is_never_repeated(string password)
    {
        var error = Assert.Single(JobText.Errors(JobText.With("env:OLD_PASSWORD", password)));
        Assert.Equal("$.source.password", error.Path);
        Assert.DoesNotContain("hunter2", error.ToString());
    }

    [Theory]
    [InlineData("topsecret")]
    [InlineData("funny-password")]
    public void Nor_is_one_that_lacks_its_quotes(string password)
    {
        var error = Assert.Single(JobText.Errors(JobText.With("\"env:OLD_PASSWORD\"", password)));
        Assert.Equal(new("$", "line 11, column 18: this is not JSON: text must be in double quotes.", 11), error);
    }

    [Fact]
    public void Nor_is_one_in_an_address_that_stands_for_a_name()
    {
        var error = Assert.Single(JobText.Errors(JobText.With("imap.old.example", "imaps://ann:hunter2@imap.old.example")));
        Assert.Equal("$.source.host", error.Path);
        Assert.DoesNotContain("hunter2", error.ToString());
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("{", 1, 2)]
    [InlineData("{\n  \"name\": \"a\"\n  \"kind\": \"migrate\" }", 3, 3)]
    [InlineData("{\n \"name\": \"\\ud83d\" }", 2, 1)]
    [InlineData("{ \"\\udc00\": 1 }", 1, 1)]
    public void What_is_no_JSON_is_shown_where_it_breaks(string text, int line, int column)
    {
        var error = Assert.Single(JobText.Errors(text));
        Assert.Equal(("$", line), (error.Path, error.Line));
        Assert.StartsWith($"line {line}, column {column}: this is not JSON: ", error.Message);
        Assert.DoesNotContain("LineNumber", error.Message);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    public void Something_else_than_an_object_is_refused(string text)
    {
        Assert.StartsWith("must be an object in { }", Assert.Single(JobText.Errors(text)).Message);
    }

    [Fact]
    public void Mail_is_not_copied_onto_itself()
    {
        var error = Assert.Single(JobText.Errors(Least.Replace("b.example", "A.Example")));
        Assert.Equal(new("$.target", "is the same account as $.source.", 2), error);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_an_error_too()
    {
        var exception = Assert.Throws<ConfigurationException>(() => JobFile.Read(Path.Combine(JobText.Directory, "no-such.json")));
        Assert.Contains("cannot be read", Assert.Single(exception.Errors).Message);
    }
}
