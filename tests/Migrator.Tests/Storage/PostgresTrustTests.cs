using System.Security.Cryptography.X509Certificates;
using Migrator.Core.JobRuns;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>Who gets the password of the database. The second host, which is never there, makes a connection string one for other hosts
/// than this machine: what then counts for all of its hosts, counts for the one that is tried on loopback.</summary>
public sealed class PostgresTrustTests
{
    private const string Password = "pg-pass-hands-off";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Host=127.0.0.1:{0},db.invalid")]
    [InlineData("Host=127.0.0.1,db.invalid:5433;Port={0}")]
    [InlineData("Host=127.0.0.1:{0},db.invalid;Channel Binding=Disable")]
    public async Task Whoever_answers_for_another_host_without_TLS_does_not_get_the_password(string hosts)
    {
        await using var thief = new PasswordThief();

        var said = await FailsAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, hosts, thief.Port));

        Assert.True(thief.Connections > 0);
        Assert.Empty(thief.Got);
        Assert.Contains("does not offer TLS, and no password was sent", said);
        Assert.Contains("SSL Mode=Disable", said);
    }

    [Fact]
    public async Task Whoever_answers_with_a_certificate_of_its_own_does_not_get_the_password()
    {
        using var own = TestCertificates.SelfSigned("localhost");
        // On every system with its key in a store of the process.
        using var certificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pfx), null);
        await using var thief = new PasswordThief(certificate);

        var said = await FailsAsync($"Host=127.0.0.1:{thief.Port},db.invalid");

        Assert.True(thief.Connections > 0);
        Assert.Empty(thief.Got);
        Assert.Contains("is not trusted, and no password was sent", said);
        Assert.Contains("Root Certificate=FILE", said);
    }

    [Theory]
    [InlineData("Host=127.0.0.1:{0},db.invalid;SSL Mode=Prefer", true)]
    [InlineData("Host=127.0.0.1:{0},db.invalid;sslmode=disable", true)]
    [InlineData("Host=127.0.0.1;Port={0}", false)]
    public async Task What_the_connection_string_says_is_done_and_told_where_the_host_is_another(string hosts, bool reported)
    {
        await using var thief = new PasswordThief();
        var connection = string.Format(System.Globalization.CultureInfo.InvariantCulture, hosts, thief.Port);

        await FailsAsync(connection);

        Assert.Equal(Password, thief.Got[0]);
        await using var database = new PostgresDatabase(connection);
        Assert.Equal(reported, database.InClear is not null);
    }

    [Theory]
    [InlineData("Host=db.example.org", null)]
    [InlineData("Host=/run/postgresql;SSL Mode=Disable", null)]
    [InlineData("Host=localhost,127.0.0.1,[::1]:5433;SSL Mode=Disable", null)]
    [InlineData("Host=db.example.org;SSL Mode=VerifyFull", null)]
    [InlineData("Host=db.example.org;SSL Mode=VerifyCA;Root Certificate=/etc/ca.pem", null)]
    [InlineData("Host=db.example.org;SSL Mode=VerifyCA", "any certificate of a public authority")]
    [InlineData("Host=db.example.org;SSL Mode=Require", "no certificate is checked")]
    [InlineData("Host=db.example.org;SslMode=Allow", "unencrypted to db.example.org")]
    [InlineData("Host=localhost,db.example.org:5433;SSL Mode=Prefer", "unencrypted to db.example.org")]
    [InlineData("Host=[2001:db8::7]:5433;SSL Mode=Disable", "unencrypted to [2001:db8::7]")]
    [InlineData("Host=2001:db8::7;SSL Mode=Disable", "unencrypted to 2001:db8::7")]
    public async Task What_is_sent_where_nobody_proved_who_answers_is_told(string connection, string? words)
    {
        await using var database = new PostgresDatabase($"{connection};Username=u;Password={Password}");

        if (words is null)
            Assert.Null(database.InClear);
        else
            Assert.Contains(words, database.InClear);
        Assert.DoesNotContain(Password, $"{database.InClear}");
    }

    [Fact]
    public async Task A_server_with_a_certificate_for_its_name_by_the_given_authority_is_used()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed: run eng/install-test-servers.sh.");
        var (certificate, authority) = TestCertificates.Issued("db.example.org", TestCertificates.ForServers);
        await using var server = await PostgresServer.StartAsync(certificate);
        var (right, wrong) = (await PemAsync(authority), await PemAsync(TestCertificates.Issued("db.example.org").Authority));
        try
        {
            await using (var database = new PostgresDatabase(At("127.0.0.1", right)))
            {
                await database.CreateSchemaAsync(Stop);
                await using var connection = await database.Source.OpenConnectionAsync(Stop);
                await using var command = new Npgsql.NpgsqlCommand("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", connection);
                Assert.Equal(true, await command.ExecuteScalarAsync(Stop));
            }
            Assert.Contains("is not trusted", await FailsAsync(At("127.0.0.1", wrong)));
            Assert.Contains("is not trusted", await FailsAsync(At("127.0.0.1", null)));
            // The certificate names db.example.org and addresses, not localhost.
            Assert.Contains("is not trusted", await FailsAsync($"{At("localhost", right)}"));
        }
        finally
        {
            File.Delete(right);
            File.Delete(wrong);
        }

        string At(string host, string? root) =>
            $"Host={host}:{server.Port},db.invalid;Username=migrator;Password={PostgresServer.Password};Database=postgres"
            + $"{(root is null ? "" : $";Root Certificate={root}")}";
    }

    [Theory]
    [InlineData(TestCertificates.ForClients)]
    [InlineData(TestCertificates.ForMail)]
    public async Task A_certificate_of_the_authority_that_is_not_for_servers_is_refused(string usage)
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed: run eng/install-test-servers.sh.");
        var (certificate, authority) = TestCertificates.Issued("db.example.org", usage);
        using var withKey = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        await using var thief = new PasswordThief(withKey);
        var root = await PemAsync(authority);

        Assert.Contains("is not trusted", await FailsAsync($"Host=127.0.0.1:{thief.Port},db.invalid;Root Certificate={root}"));

        Assert.Empty(thief.Got);
        File.Delete(root);
    }

    /// <returns>What is said.</returns>
    private static async Task<string> FailsAsync(string connection)
    {
        await using var database = new PostgresDatabase(
            connection.Contains("Username", StringComparison.Ordinal)
                ? connection
                : $"{connection};Username=migrator;Password={Password};Database=postgres"
        );
        var failure = await Assert.ThrowsAsync<JobRunStoreException>(() => database.CreateSchemaAsync(Stop));
        Assert.DoesNotContain(Password, failure.ToString());
        return failure.Message;
    }

    private static async Task<string> PemAsync(X509Certificate2 certificate)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
        return file;
    }
}
