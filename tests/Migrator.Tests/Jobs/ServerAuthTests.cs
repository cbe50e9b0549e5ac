using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using NJsonSchema;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary><c>auth</c> of a server, where it is more than a word.</summary>
public sealed class ServerAuthTests : IDisposable
{
    private const string Password = "\"password\": \"env:OLD_PASSWORD\",\n    \"auth\": \"scram-sha-256\"";

    private static readonly JsonSchema s_schema = JsonSchema
        .FromJsonAsync(File.ReadAllText(Path.Combine(JobText.Samples(), "job.schema.json")))
        .GetAwaiter()
        .GetResult();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("auth");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("\"clientSecret\": \"env:S\"", MicrosoftGrant.ClientSecret)]
    [InlineData("\"certificateFile\": \"app.pfx\", \"certificatePassword\": \"env:P\"", MicrosoftGrant.Certificate)]
    [InlineData("\"federatedTokenFile\": \"token\"", MicrosoftGrant.Federation)]
    [InlineData("\"managedIdentity\": true", MicrosoftGrant.ManagedIdentity)]
    public void An_application_of_Microsoft_has_one_proof(string proof, MicrosoftGrant grant)
    {
        var server = Read(
            $$"""{ "type": "microsoft", "tenant": "contoso.example", "clientId": "id", "cloud": "china", {{proof}} }"""
        ).Source;

        var tokens = Assert.IsType<MicrosoftTokens>(server.Tokens);
        Assert.Equal((grant, "contoso.example", "id", MicrosoftCloud.China), (tokens.Grant, tokens.Tenant, tokens.ClientId, tokens.Cloud));
        Assert.Equal((AuthMethod.OAuth, null), (server.Auth, server.Password));
        if (grant == MicrosoftGrant.Certificate)
            Assert.Equal(Path.Combine(JobText.Directory, "app.pfx"), tokens.CertificateFile);
    }

    [Fact]
    public void Equal_settings_are_equal_so_that_mailboxes_share_tokens()
    {
        const string auth =
            """{ "type": "microsoft", "tenant": "a", "clientId": "b", "clientSecret": "env:S", "authority": "https://login.example" }""";

        Assert.Equal(Read(auth).Source.Tokens, Read(auth).Source.Tokens);
        Assert.NotEqual(Read(auth).Source.Tokens, Read(auth.Replace("env:S", "env:T")).Source.Tokens);
    }

    [Fact]
    public void Google_any_other_server_and_a_command_are_read()
    {
        var google = Read("""{ "type": "google", "key": "setting:Google", "subject": "ann@example.org" }""").Source;
        Assert.Equal(new GoogleTokens(new SecretReference(SecretSource.Setting, "Google"), "ann@example.org"), google.Tokens);

        var oauth = Read(
            """
            { "type": "oauth", "tokenEndpoint": "https://a.example/token", "clientId": "b", "scope": "mail", "refreshToken": "env:R",
              "mechanism": "oauthbearer" }
            """
        ).Source;
        Assert.Equal(
            new OAuthTokens(new Uri("https://a.example/token"), "b", null, "mail", new SecretReference(SecretSource.Env, "R")),
            oauth.Tokens
        );
        Assert.Equal(AuthMethod.OAuthBearer, oauth.Auth);

        var command = Read("""{ "type": "command", "command": "pass show mail", "prints": "token" }""").Source;
        Assert.Equal(new SecretReference(SecretSource.Command, "pass show mail") { User = "ann@old.example" }, command.Password);
        Assert.Equal((AuthMethod.OAuth, null), (command.Auth, command.Tokens));
    }

    [Fact]
    public void A_password_may_be_a_token()
    {
        var server = JobText.Parse(JobText.With("scram-sha-256", "xoauth2")).Source;

        Assert.Equal((AuthMethod.XOAuth2, "env:OLD_PASSWORD"), (server.Auth, server.Password!.ToString()));
    }

    [Theory]
    [InlineData("{ }", "$.source.auth.type")]
    [InlineData("""{ "type": "kerberos" }""", "$.source.auth.type")]
    [InlineData("""{ "type": "microsoft", "tenant": "a", "clientId": "b" }""", "$.source.auth")]
    [InlineData(
        """{ "type": "microsoft", "tenant": "a", "clientId": "b", "clientSecret": "env:S", "managedIdentity": true }""",
        "$.source.auth"
    )]
    [InlineData("""{ "type": "microsoft", "clientId": "b", "clientSecret": "env:S" }""", "$.source.auth.tenant")]
    [InlineData("""{ "type": "microsoft", "tenant": "a", "clientSecret": "env:S" }""", "$.source.auth.clientId")]
    [InlineData("""{ "type": "microsoft", "tenant": "a", "clientId": "b", "clientSecret": "hunter2" }""", "$.source.auth.clientSecret")]
    [InlineData("""{ "type": "microsoft", "tenant": "a/../b", "clientId": "b", "clientSecret": "env:S" }""", "$.source.auth.tenant")]
    [InlineData(
        """{ "type": "microsoft", "tenant": "a", "clientId": "b", "clientSecret": "env:S", "cloud": "moon" }""",
        "$.source.auth.cloud"
    )]
    [InlineData(
        """{ "type": "microsoft", "tenant": "a", "clientId": "b", "clientSecret": "env:S", "authority": "http://a" }""",
        "$.source.auth.authority"
    )]
    [InlineData(
        """{ "type": "microsoft", "tenant": "a", "clientId": "b", "clientSecret": "env:S", "certificatePassword": "env:P" }""",
        "$.source.auth.certificatePassword"
    )]
    [InlineData("""{ "type": "google" }""", "$.source.auth.key")]
    [InlineData("""{ "type": "google", "key": "file:a", "tenant": "b" }""", "$.source.auth.tenant")]
    [InlineData("""{ "type": "oauth", "clientId": "b", "clientSecret": "env:S" }""", "$.source.auth.tokenEndpoint")]
    [InlineData(
        """{ "type": "oauth", "tokenEndpoint": "https://a:b@c", "clientId": "b", "clientSecret": "env:S" }""",
        "$.source.auth.tokenEndpoint"
    )]
    [InlineData("""{ "type": "oauth", "tokenEndpoint": "https://a", "clientId": "b" }""", "$.source.auth")]
    [InlineData("""{ "type": "command" }""", "$.source.auth.command")]
    [InlineData("""{ "type": "command", "command": "pass", "prints": "both" }""", "$.source.auth.prints")]
    public void A_mistake_is_named_where_it_is(string auth, string path)
    {
        var error = Assert.Single(JobText.Errors(With(auth)));

        Assert.Equal(path, error.Path);
        Assert.DoesNotContain("hunter2", error.Message);
    }

    [Theory]
    [InlineData("""{ "type": "microsoft", "tenant": "a", "clientId": "b", "clientSecret": "command:pass x" }""")]
    [InlineData("""{ "type": "google", "key": "file:a" }""")]
    [InlineData("""{ "type": "oauth", "tokenEndpoint": "https://a", "clientId": "b", "refreshToken": "env:R" }""")]
    [InlineData("""{ "type": "command", "command": "pass", "prints": "token" }""")]
    public void What_the_reader_takes_the_schema_takes(string auth)
    {
        Assert.Empty(s_schema.Validate(JobText.Strict(With(auth))));
        Read(auth);
    }

    [Theory]
    [InlineData("{ }")]
    [InlineData("""{ "type": "kerberos" }""")]
    [InlineData("""{ "type": "google", "key": "hunter2" }""")]
    [InlineData("""{ "type": "google", "key": "file:a", "other": 1 }""")]
    public void What_the_schema_refuses_the_reader_refuses(string auth)
    {
        Assert.NotEmpty(s_schema.Validate(JobText.Strict(With(auth))));
        JobText.Errors(With(auth));
    }

    [Theory]
    [InlineData("\"password\": \"env:A\"")]
    [InlineData("\"passwordFile\": \"a.csv\"")]
    public void A_password_beside_tokens_is_one_too_many(string password)
    {
        var error = Assert.Single(JobText.Errors(With($"{{ \"type\": \"google\", \"key\": \"file:a\" }}, {password}")));

        Assert.Contains("is given together with \"auth\"", error.Message);
    }

    [Theory]
    [InlineData("\"password\": \"command:pass show {name}\"", "$.source.password")]
    [InlineData("\"auth\": { \"type\": \"command\", \"command\": \"pass show {name}\" }", "$.source.auth.command")]
    [InlineData("\"auth\": { \"type\": \"google\", \"key\": \"command:pass show {name}\" }", "$.source.auth.key")]
    public void The_name_of_a_mailbox_never_becomes_a_part_of_a_command(string auth, string path)
    {
        var job = Job(auth, "name,target.user\n; touch x,ann\n");

        var error = Assert.Single(Assert.Throws<ConfigurationException>(() => JobFile.Read(job)).Errors);

        Assert.Equal(path, error.Path);
        Assert.Contains("MIGRATOR_USER", error.Message);
    }

    [Theory]
    [InlineData("source.password", "command:touch x")]
    [InlineData("source.auth.command", "touch x")]
    [InlineData("source.auth.key", "command:touch x")]
    public void A_list_of_mailboxes_names_no_command(string column, string value)
    {
        var file = JobFile.Read(Job("\"password\": \"env:A\"", $"name,target.user,{column}\nann,ann,{value}\nbob,bob,\n"));

        var invalid = Assert.Single(file.InvalidMailboxes);
        Assert.Equal("ann", invalid.Name);
        Assert.Contains("names a command", Assert.Single(invalid.Errors).Message);
        Assert.Single(file.Mailboxes);
    }

    private string Job(string auth, string list)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "people.csv"), list);
        var file = Path.Combine(_directory.FullName, "job.json");
        File.WriteAllText(
            file,
            $$"""
            {
              "mailboxes": "people.csv",
              "source": { "host": "a.example", "user": "{name}", {{auth}} },
              "target": { "host": "b.example", "password": "env:B" }
            }
            """
        );
        return file;
    }

    private static string With(string auth) => JobText.With(Password, $"\"auth\": {auth}");

    private static MigrateJob Read(string auth) => JobText.Parse(With(auth));
}
