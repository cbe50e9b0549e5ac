using System.Text.Json;
using Migrator.Cli.Commands;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Migrator.Tests.Jobs;
using NJsonSchema;
using Xunit;

namespace Migrator.Tests.Access;

/// <summary>What a job file may say about administrators, proxies and certificates, and what a list of mailboxes may not.</summary>
public sealed class AccessJobTests : IDisposable
{
    private const string Login = "\"password\": \"env:OLD_PASSWORD\",\n    \"auth\": \"scram-sha-256\"";
    private const string Admin = "\"adminUser\": \"master\", \"adminPassword\": \"env:ADMIN\"";

    private static readonly JsonSchema s_schema = JsonSchema
        .FromJsonAsync(File.ReadAllText(Path.Combine(JobText.Samples(), "job.schema.json")))
        .GetAwaiter()
        .GetResult();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("access");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Everything_is_read()
    {
        var text = JobText.With(
            Login,
            Admin
                + ", \"adminLogin\": \"proxyauth\", \"proxy\": \"socks5://migr%40tor@proxy.example.org:1080\", "
                + "\"proxyPassword\": \"env:PROXY\", "
                + "\"clientCertificate\": { \"file\": \"me.pfx\", \"password\": \"env:PFX\" }, \"identify\": false"
        );

        Assert.Empty(s_schema.Validate(JobText.Strict(text)));
        var source = JobText.Parse(text).Source;

        Assert.Equal(new AdminLogin("master", AdminMethod.ProxyAuth), source.Admin);
        Assert.Equal(new SecretReference(SecretSource.Env, "ADMIN"), source.Password);
        Assert.Equal(
            new ProxyServer(ProxyKind.Socks5, "proxy.example.org", 1080, "migr@tor", new SecretReference(SecretSource.Env, "PROXY")),
            source.Proxy
        );
        Assert.Equal(
            new ClientCertificate(Path.Combine(JobText.Directory, "me.pfx"), new SecretReference(SecretSource.Env, "PFX")),
            source.ClientCertificate
        );
        Assert.False(source.Identify);
        Assert.Equal("imap://ann%40old.example@imap.old.example:1143", source.Account);
    }

    [Theory]
    [InlineData("\"adminUser\": \"master\", \"adminPasswordFile\": \"p.csv\"")]
    [InlineData("\"auth\": \"external\", \"clientCertificate\": { \"file\": \"me.pem\" }")]
    [InlineData("\"password\": \"env:X\", \"proxy\": \"http://[2001:db8::1]:3128\"")]
    [InlineData("\"password\": \"env:X\", \"auth\": \"scram-sha-512-plus\"")]
    [InlineData("\"password\": \"env:X\", \"auth\": \"scram-sha-512\"")]
    public void What_the_reader_takes_the_schema_takes(string login)
    {
        var text = JobText.With(Login, login);

        Assert.Empty(s_schema.Validate(JobText.Strict(text)));
        JobText.Parse(text);
    }

    public static TheoryData<string, string> Mistakes =>
        new()
        {
            { "\"adminUser\": \"master\"", "adminPassword" },
            { "\"adminUser\": \"master\", \"adminPassword\": \"hunter2\"", "adminPassword" },
            { $"{Admin}, \"password\": \"env:X\"", "password" },
            { $"{Admin}, \"auth\": \"cram-md5\"", "auth" },
            { $"{Admin}, \"adminLogin\": \"root\"", "adminLogin" },
            { "\"password\": \"env:X\", \"adminPassword\": \"env:ADMIN\"", "adminPassword" },
            { "\"password\": \"env:X\", \"adminLogin\": \"plain\"", "adminLogin" },
            { "\"password\": \"env:X\", \"proxy\": \"proxy.example.org\"", "proxy" },
            { "\"password\": \"env:X\", \"proxy\": \"socks5://proxy.example.org\"", "proxy" },
            { "\"password\": \"env:X\", \"proxy\": \"ftp://proxy.example.org:21\"", "proxy" },
            { "\"password\": \"env:X\", \"proxy\": \"http://u:hunter2@proxy.example.org:1\", \"proxyPassword\": \"env:P\"", "proxy" },
            { "\"password\": \"env:X\", \"proxyPassword\": \"env:P\"", "proxyPassword" },
            { "\"password\": \"env:X\", \"clientCertificate\": {}", "clientCertificate.file" },
            {
                "\"password\": \"env:X\", \"clientCertificate\": { \"file\": \"a\", \"password\": \"hunter2\" }",
                "clientCertificate.password"
            },
            { "\"password\": \"env:X\", \"auth\": \"external\", \"clientCertificate\": { \"file\": \"a\" }", "password" },
            { "\"password\": \"env:X\", \"identify\": \"no\"", "identify" },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void An_error_is_refused_by_the_schema_and_by_the_reader(string login, string key)
    {
        var text = JobText.With(Login, login);

        Assert.NotEmpty(s_schema.Validate(JobText.Strict(text)));
        var error = Assert.Single(JobText.Errors(text));
        Assert.Equal($"$.source.{key}", error.Path);
        Assert.DoesNotContain("hunter2", error.Message);
    }

    [Theory]
    [InlineData("\"auth\": \"external\"", "auth")]
    [InlineData("\"password\": \"env:X\", \"proxy\": \"socks5://u@proxy.example.org:1\"", "proxyPassword")]
    [InlineData("\"password\": \"env:X\", \"proxy\": \"socks5://proxy.example.org:1\", \"proxyPassword\": \"env:P\"", "proxy")]
    [InlineData("\"password\": \"env:X\", \"proxy\": \"socks5://proxy.example.org:99999\"", "proxy")]
    [InlineData(Admin + ", \"adminLogin\": \"proxyauth\", \"auth\": \"plain\"", "auth")]
    [InlineData(Admin + ", \"auth\": { \"type\": \"command\", \"command\": \"x\" }", "auth")]
    public void What_the_schema_cannot_say_the_reader_still_refuses(string login, string key) =>
        Assert.Equal($"$.source.{key}", JobText.Errors(JobText.With(Login, login))[0].Path);

    [Theory]
    [InlineData(Admin, "tls")]
    [InlineData("\"password\": \"env:X\", \"clientCertificate\": { \"file\": \"a.pem\" }", "clientCertificate")]
    [InlineData("\"password\": \"env:X\", \"auth\": \"scram-sha-256-plus\"", "auth")]
    public void What_needs_TLS_is_refused_without(string login, string key)
    {
        var text = JobText.With(Login, login).Replace("\"starttls\"", "\"none\"");

        Assert.Equal($"$.source.{key}", Assert.Single(JobText.Errors(text)).Path);
        if (key != "tls")
            Assert.NotEmpty(s_schema.Validate(JobText.Strict(text)));
    }

    [Fact]
    public void Behind_a_proxy_localhost_is_another_machine() =>
        Assert.Equal(
            "$.source.tls",
            Assert
                .Single(
                    JobText.Errors(
                        JobText
                            .With(Login, $"{Admin}, \"proxy\": \"socks5://proxy.example.org:1080\"")
                            .Replace("\"starttls\"", "\"none\"")
                            .Replace("imap.old.example", "localhost")
                    )
                )
                .Path
        );

    [Theory]
    [InlineData("source.adminUser", "root")]
    [InlineData("source.adminPassword", "env:OTHER")]
    [InlineData("source.adminLogin", "proxyauth")]
    [InlineData("source.proxy", "socks5://evil.example:1080")]
    [InlineData("source.proxyPassword", "env:OTHER")]
    [InlineData("source.clientCertificate.file", "other.pem")]
    [InlineData("target.proxy", "socks5://evil.example:1080")]
    [InlineData("target.adminUser", "root")]
    // The password of the administrator would be sent there.
    [InlineData("source.host", "evil.example")]
    [InlineData("source.port", "1993")]
    [InlineData("source.tls", "none")]
    [InlineData("source.certificate.fingerprint", "sha256:00")]
    [InlineData("source.password", "env:OTHER")]
    public void A_row_cannot_lead_a_password_elsewhere(string column, string value)
    {
        var job = Read($"name,{column}\nann,{value}\nbob,", Admin);

        Assert.Equal(["bob"], job.Mailboxes.Select(mailbox => mailbox.Name));
        var invalid = Assert.Single(job.InvalidMailboxes);
        Assert.Equal("ann", invalid.Name);
        Assert.Contains(column.Split('.')[1], Assert.Single(invalid.Errors).Message);
    }

    [Theory]
    [InlineData("\"proxy\": \"socks5://{name}:1080\"")]
    [InlineData("\"clientCertificate\": { \"file\": \"{name}.pem\" }")]
    [InlineData("\"adminUser\": \"{name}\", \"adminPassword\": \"env:ADMIN\"")]
    [InlineData("\"adminUser\": \"master\", \"adminPassword\": \"env:{name}\"")]
    [InlineData("\"adminUser\": \"master\", \"adminPasswordFile\": \"{name}.csv\"")]
    public void Nor_can_its_name(string keys)
    {
        var login = keys.Contains("adminUser") ? keys : $"\"password\": \"env:X\", {keys}";

        Assert.Contains(
            "must not contain {name}",
            Assert.Single(Assert.Throws<ConfigurationException>(() => Read("name\nann\nbob", login)).Errors).Message
        );
    }

    [Fact]
    public void With_an_administrator_a_host_is_not_made_of_a_name() =>
        Assert.Throws<ConfigurationException>(() => Read("name\nann\nbob", Admin, host: "{name}"));

    [Fact]
    public void With_an_administrator_rows_need_no_password()
    {
        var job = Read("name,source.user\nann,a.smith\nbob,", Admin);

        Assert.Empty(job.InvalidMailboxes);
        Assert.Equal(["a.smith", "bob@old.example"], job.Mailboxes.Select(mailbox => ((MigrateJob)mailbox.Job).Source.User));
        Assert.All(job.Mailboxes, mailbox => Assert.Equal("master", ((MigrateJob)mailbox.Job).Source.Admin!.User));
    }

    [Theory]
    [InlineData("imap://ann@mail.example?tls=none", "TLS", false)]
    [InlineData("imaps://ann@mail.example?auth=cram-md5", "auth", false)]
    [InlineData("imaps://ann@mail.example?auth=external", "clientCertificate", true)]
    public void A_URL_with_an_administrator_keeps_to_the_same_rules(string url, string words, bool withoutAdmin)
    {
        var password = new SecretReference(SecretSource.Env, "X");

        var exception = Assert.Throws<ConfigurationException>(() =>
            MailServerUrl.Parse(url, "source", password, withoutAdmin ? null : "master")
        );

        Assert.Contains(words, Assert.Single(exception.Errors).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("master", MailServerUrl.Parse("imaps://ann@mail.example", "source", password, "master").Admin?.User);
    }

    [Fact]
    public void Copy_takes_an_administrator_for_each_end()
    {
        var job = CopyJob.Create(
            "imaps://ann@old.example",
            "env:OLD",
            "imaps://ann@new.example",
            "env:NEW",
            [],
            [],
            sourceAdmin: "master",
            targetAdmin: "root"
        );

        Assert.Equal(("master", "root"), (job.Source.Admin?.User, job.Target.Admin?.User));
        Assert.Equal("imap://ann@old.example:993", job.Source.Account);
    }

    [Theory]
    [InlineData("user@proxy.example.org", true)]
    [InlineData("user@127.0.0.1", false)]
    [InlineData("proxy.example.org", false)]
    public void A_password_that_crosses_a_network_to_a_proxy_is_reported(string proxy, bool reported)
    {
        var password = reported || proxy.Contains('@') ? ", \"proxyPassword\": \"env:P\"" : "";
        var source = JobText.Parse(JobText.With(Login, $"\"password\": \"env:X\", \"proxy\": \"http://{proxy}:3128\"{password}")).Source;

        Assert.Equal(reported, InClear.OfProxy(source)?.Contains("proxy.example.org:3128", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Schema_and_reader_know_the_same_of_client_certificates()
    {
        var error = Assert.Single(
            JobText.Errors(JobText.With(Login, "\"password\": \"env:X\", \"clientCertificate\": { \"file\": \"a\", \"zzzzzzzzzz\": 1 }"))
        );
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(JobText.Samples(), "job.schema.json")));
        var known = schema
            .RootElement.GetProperty("definitions")
            .GetProperty("server")
            .GetProperty("properties")
            .GetProperty("clientCertificate")
            .GetProperty("properties");

        Assert.EndsWith(
            $"known here are {string.Join(", ", known.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal))}.",
            error.Message
        );
    }

    private JobDefinition Read(string list, string login, string host = "imap.old.example")
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "people.csv"), list);
        return JobFile.Parse(
            $$"""
            {
              "source": { "host": "{{host}}", "user": "{name}@old.example", {{login}} },
              "target": { "host": "imap.new.example", "user": "{name}", "password": "env:NEW" },
              "mailboxes": "people.csv"
            }
            """,
            Path.Combine(_directory.FullName, "job.json")
        );
    }
}
