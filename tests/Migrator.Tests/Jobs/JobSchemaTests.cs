using System.Text.Json;
using System.Text.RegularExpressions;
using Migrator.Core.Jobs;
using NJsonSchema;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>The reader decides what a job file is; the schema says it to editors. Here they cannot drift apart.</summary>
public sealed class JobSchemaTests
{
    private static readonly JsonSchema s_schema = JsonSchema
        .FromJsonAsync(File.ReadAllText(Path.Combine(JobText.Samples(), "job.schema.json")))
        .GetAwaiter()
        .GetResult();

    [Fact]
    public void The_full_job_is_valid() => Assert.Empty(s_schema.Validate(JobText.Strict(JobText.Full)));

    public static TheoryData<string> Samples =>
        [
            .. Directory
                .GetFiles(JobText.Samples(), "*.json")
                .Select(file => Path.GetFileName(file))
                .Where(name => name != "job.schema.json"),
        ];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_is_valid_and_read(string name)
    {
        var file = Path.Combine(JobText.Samples(), name);
        Assert.Empty(s_schema.Validate(JobText.Strict(File.ReadAllText(file))));
        Assert.NotNull(JobFile.Read(file));
    }

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "\"name\": \"ann\"", "\"name\": \"\"", "$.name" },
            { "\"name\": \"ann\"", "\"nam\": \"ann\"", "$.nam" },
            { "\"kind\": \"migrate\"", "\"kind\": \"pop3ToImap\"", "$.kind" },
            { "\"protocol\": \"imap\"", "\"protocol\": \"POP3\"", "$.source.protocol" },
            { "\"host\": \"imap.old.example\",", "", "$.source.host" },
            { "imap.old.example", "imaps://old.example", "$.source.host" },
            { "imap.old.example", "old.example:993", "$.source.host" },
            { "imap.old.example", "old example", "$.source.host" },
            { "1143", "0", "$.source.port" },
            { "1143", "65536", "$.source.port" },
            { "1143", "99.5", "$.source.port" },
            { "1143", "\"993\"", "$.source.port" },
            { "\"starttls\"", "\"ssl\"", "$.source.tls" },
            { "\"starttls\"", "\"STARTTLS\"", "$.source.tls" },
            { "\"starttls\"", "null", "$.source.tls" },
            { "\"user\": \"ann\",", "", "$.target.user" },
            { "\"ann@old.example\"", "[\"ann\"]", "$.source.user" },
            { "env:OLD_PASSWORD", "hunter2", "$.source.password" },
            { "env:OLD_PASSWORD", "env:", "$.source.password" },
            { "env:OLD_PASSWORD", "setting:", "$.source.password" },
            {
                "\"password\": \"env:OLD_PASSWORD\"",
                "\"password\": \"env:OLD_PASSWORD\", \"passwordFile\": \"passwords.csv\"",
                "$.source.passwordFile"
            },
            { "\"password\": \"env:OLD_PASSWORD\"", "\"passwordFile\": \"\"", "$.source.passwordFile" },
            { "scram-sha-256", "digest-md5", "$.source.auth" },
            { "\"caFile\": \"ca.pem\"", "\"caFile\": 1", "$.source.certificate.caFile" },
            { "\"caFile\": \"ca.pem\"", "\"ca\": \"ca.pem\"", "$.source.certificate.ca" },
            { "\"caFile\": \"ca.pem\"", "\"fingerprint\": \"sha1:00\"", "$.source.certificate.fingerprint" },
            { "\"caFile\": \"ca.pem\"", $"\"caFile\": \"ca.pem\", \"fingerprint\": \"{new string('0', 64)}\"", "$.source.certificate" },
            { "[\"**\"]", "\"**\"", "$.folders.include" },
            { "[\"**\"]", "[\"\"]", "$.folders.include[0]" },
            { "\"New/Path\"", "true", "$.folders.rename[\"Old/Path\"]" },
            { "\"New/Path\"", "\"New//Path\"", "$.folders.rename[\"Old/Path\"]" },
            { "\"New/Path\"", "\"/New\"", "$.folders.rename[\"Old/Path\"]" },
            { "\"New/Path\"", "\"New\\\\\\\\/\"", "$.folders.rename[\"Old/Path\"]" },
            { "\"Old mail\"", "\"Old//mail\"", "$.folders.into" },
            { "\"Old mail\"", "\"Inbox\"", "$.folders.into" },
            { "\"Old mail\"", "[\"Old mail\"]", "$.folders.into" },
            { "\"Z*\"", "\"Z\"", "$.folders.renamePatterns.Z" },
            { "\"Years/$1/$2\"", "\"Years//$1/$2\"", "$.folders.renamePatterns[\"Year */**\"]" },
            { "\"Years/$1/$2\"", "\"Years/$\"", "$.folders.renamePatterns[\"Year */**\"]" },
            { "\"Years/$1/$2\"", "7", "$.folders.renamePatterns[\"Year */**\"]" },
            { "\"specialUse\": \"name\"", "\"specialUse\": \"auto\"", "$.folders.specialUse" },
            { "\"emptyFolders\": false", "\"emptyFolders\": \"no\"", "$.folders.emptyFolders" },
            { "\"acls\": true", "\"acls\": 1", "$.folders.acls" },
            { "\"bob@new.example\"", "\"-bob\"", "$.folders.aclIdentifiers.bob" },
            { "\"bob@new.example\"", "\"a\\nb\"", "$.folders.aclIdentifiers.bob" },
            { "\"bob@new.example\"", "true", "$.folders.aclIdentifiers.bob" },
            { "[\"private\", \"public\"]", "[\"private\", \"everybody\"]", "$.folders.namespaces[1]" },
            { "[\"private\", \"public\"]", "[\"private\", \"private\"]", "$.folders.namespaces[1]" },
            { "[\"private\", \"public\"]", "[]", "$.folders.namespaces" },
            { "\"connections\": 5", "\"connections\": 17", "$.connections" },
            { "64 MiB", "64 MB", "$.spoolLimit" },
            { "\"64 MiB\"", "67108864", "$.spoolLimit" },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void An_error_is_refused_by_the_schema_and_by_the_reader(string passage, string replacement, string path)
    {
        var text = JobText.With(passage, replacement);
        Assert.NotEmpty(s_schema.Validate(JobText.Strict(text)));
        Assert.Equal(path, Assert.Single(JobText.Errors(text)).Path);
    }

    [Theory]
    [InlineData("64 MiB", "1 KiB", "$.spoolLimit")]
    [InlineData("Years/$1/$2", "Years/$3", "$.folders.renamePatterns[\"Year */**\"]")]
    public void What_the_schema_cannot_say_the_reader_still_refuses(string passage, string replacement, string path)
    {
        var text = JobText.With(passage, replacement);
        Assert.Empty(s_schema.Validate(JobText.Strict(text)));
        Assert.Equal(path, Assert.Single(JobText.Errors(text)).Path);
    }

    [Theory]
    [InlineData("\"New/Path\"", "\"A\\\\/B/\\\\\\\\\"")]
    [InlineData("\"New/Path\"", "\"A\\\\B\"")]
    [InlineData("imap.old.example", "[2001:db8::1]")]
    [InlineData("imap.old.example", "fe80::1%eth0")]
    [InlineData("imap.old.example", "b\u00fccher.example")]
    [InlineData("\"protocol\": \"imap\"", "\"protocol\": \"pop3\"")]
    [InlineData("64 MiB", "1.5 gib")]
    [InlineData("env:OLD_PASSWORD", "setting:Mailboxes:ann")]
    [InlineData("\"password\": \"env:OLD_PASSWORD\"", "\"passwordFile\": \"secrets/passwords.csv\"")]
    public void What_the_reader_takes_the_schema_takes(string passage, string replacement)
    {
        var text = JobText.With(passage, replacement);
        Assert.Empty(s_schema.Validate(JobText.Strict(text)));
        JobText.Parse(text);
    }

    [Theory]
    [InlineData("", "\"kind\"")]
    [InlineData("server", "\"protocol\"")]
    [InlineData("server/certificate", "\"caFile\"")]
    [InlineData("folders", "\"specialUse\"")]
    public void Schema_and_reader_know_the_same_properties(string definition, string beside)
    {
        var error = Assert.Single(JobText.Errors(JobText.With(beside, $"\"zzzzzzzzzz\": 1, {beside}")));
        var known = Regex.Match(error.Message, "known here are (.*)\\.").Groups[1].Value.Split(", ");

        Assert.Equal(Properties(definition).EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal), known);
    }

    [Theory]
    [InlineData("")]
    [InlineData("server")]
    [InlineData("server/certificate")]
    [InlineData("folders")]
    [InlineData("archive")]
    [InlineData("schedule")]
    [InlineData("notify")]
    [InlineData("upkeep")]
    [InlineData("upkeep/restoreTest")]
    [InlineData("upkeep/check")]
    [InlineData("upkeep/prune")]
    [InlineData("upkeep/shrunk")]
    public void The_schema_explains_every_property(string definition) =>
        Assert.All(
            Properties(definition).EnumerateObject(),
            property =>
                Assert.True(
                    property.Value.TryGetProperty("description", out _) || property.Value.TryGetProperty("$ref", out _),
                    property.Name
                )
        );

    private const string Backup = """
        {
          "kind": "backup",
          "source": { "protocol": "pop3", "host": "h.example", "user": "u", "password": "prompt" },
          "archive": {
              "location": "https://a.example/c", "sas": "env:SAS", "controlStore": "https://a.example/d", "controlStoreSas": "env:SIDE",
              "passphrase": "env:KEY", "tiers": { "packs/": "cool" } },
          "upkeep": { "restoreTest": { "messages": 7 }, "check": { "allWithin": "14d" }, "prune": { "keepDaily": 2, "grace": "3h" },
              "shrunk": { "percent": 40 }, "overdueAfter": "2d" },
          "deleteAtSourceAfterDays": 3,
          "markAs": "read"
        }
        """;

    public static TheoryData<string, string, string> BackupMistakes =>
        new()
        {
            { "\"location\": \"https://a.example/c\",", "", "$.archive.location" },
            { "\"env:SIDE\"", "\"sv=2024&sig=x\"", "$.archive.controlStoreSas" },
            { "\"env:SAS\"", "\"sv=2024&sig=x\"", "$.archive.sas" },
            { "\"env:KEY\"", "\"correct horse\"", "$.archive.passphrase" },
            { "\"cool\"", "\"archive\"", "$.archive.tiers[\"packs/\"]" },
            { "\"controlStore\"", "\"sides\"", "$.archive.sides" },
            { ": 3", ": -1", "$.deleteAtSourceAfterDays" },
            { "\"read\"", "\"seen\"", "$.markAs" },
            { "\"messages\": 7", "\"messages\": 0", "$.upkeep.restoreTest.messages" },
            { "\"14d\"", "14", "$.upkeep.check.allWithin" },
            { "\"keepDaily\": 2, ", "", "$.upkeep.prune" },
            { "\"keepDaily\": 2", "\"keepDaily\": \"2\"", "$.upkeep.prune.keepDaily" },
            { "\"percent\": 40", "\"percent\": 101", "$.upkeep.shrunk.percent" },
            { "\"shrunk\"", "\"shrank\"", "$.upkeep.shrank" },
            {
                "\"kind\": \"backup\",",
                "\"kind\": \"backup\", \"target\": { \"host\": \"h\", \"user\": \"u\", \"password\": \"prompt\" },",
                "$.target"
            },
        };

    [Theory]
    [MemberData(nameof(BackupMistakes))]
    public void An_error_in_a_backup_is_refused_by_both(string passage, string replacement, string path)
    {
        Assert.Empty(s_schema.Validate(Backup));
        Assert.NotNull(JobFile.Parse(Backup, "/jobs/nightly.json"));
        var text = Backup.Replace(passage, replacement);
        Assert.NotEmpty(s_schema.Validate(text));
        Assert.Equal(path, Assert.Single(JobText.Errors(text)).Path);
    }

    [Theory]
    [InlineData(
        "https://a.example/c\"",
        "https://a.example/c?sv=1&sig=c2VjcmV0\"",
        "$.archive.location",
        "put the part after the \"?\" where sas says"
    )]
    [InlineData("https://a.example/d\"", "https://a.example/d?sv=1&sig=c2VjcmV0\"", "$.archive.controlStore", "where controlStoreSas says")]
    [InlineData("https://a.example/d\"", "leases\"", "$.archive.controlStoreSas", "requires a control store in Azure Blob Storage")]
    [InlineData(
        "\"sas\": \"env:SAS\", \"controlStore\": \"https://a.example/d\", \"controlStoreSas\": \"env:SIDE\"",
        "\"sas\": \"env:SAS\", \"connectionString\": \"env:CS\"",
        "$.archive",
        "not both"
    )]
    [InlineData(
        "https://a.example/c\", \"sas\": \"env:SAS\", \"controlStore\": \"https://a.example/d\", \"controlStoreSas\": \"env:SIDE\"",
        "/a\", \"sas\": \"env:SAS\"",
        "$.archive.sas",
        "requires the URL of a container"
    )]
    [InlineData(
        "\"cool\"",
        "\"archive\"",
        "$.archive.tiers[\"packs/\"]",
        "a lifecycle rule of the storage account that moves packs/ to the archive tier after 30 days"
    )]
    [InlineData(
        "\"packs/\": \"cool\"",
        "\"index/\": \"archive\"",
        "$.archive.tiers[\"index/\"]",
        "each backup reads the index, the pages and the last snapshot. Only packs/ may go there"
    )]
    public void What_does_not_go_together_in_an_archive_is_said(string passage, string replacement, string path, string words)
    {
        Assert.Contains(passage, Backup);
        var error = Assert.Single(JobText.Errors(Backup.Replace(passage, replacement)));

        Assert.Equal(path, error.Path);
        Assert.Contains(words, error.Message);
        Assert.DoesNotContain("c2VjcmV0", error.Message);
    }

    [Theory]
    [InlineData("https://a.example/c", null, "leases", "/jobs/leases")]
    [InlineData("https://a.example/c", null, "https://a.example/d", "https://a.example/d")]
    [InlineData("archive", "env:CS", "side", "side")]
    [InlineData("archive", "env:CS", "./side", "/jobs/side")]
    [InlineData("archive", "env:CS", "/srv/side", "/srv/side")]
    [InlineData("archive", null, "leases", "/jobs/leases")]
    public void A_side_may_be_a_directory_wherever_the_archive_is(string location, string? connection, string controlStore, string expected)
    {
        var job = (BackupJob)
            JobFile
                .Parse(
                    $$"""
                    { "kind": "backup", "source": { "host": "h.example", "user": "u", "password": "prompt" },
                      "archive": { "location": "{{location}}", "controlStore": "{{controlStore}}"{{(
                        connection is null ? "" : $", \"connectionString\": \"{connection}\""
                    )}} } }
                    """,
                    "/jobs/nightly.json"
                )
                .Mailboxes[0]
                .Job;

        Assert.Equal(expected, job.Archive.ControlStore);
    }

    [Theory]
    [InlineData("upkeep", "\"overdueAfter\"")]
    [InlineData("upkeep/restoreTest", "\"messages\"")]
    [InlineData("upkeep/check", "\"allWithin\"")]
    [InlineData("upkeep/prune", "\"grace\"")]
    [InlineData("upkeep/shrunk", "\"percent\"")]
    public void Schema_and_reader_know_the_same_of_upkeep(string definition, string beside)
    {
        var error = Assert.Single(JobText.Errors(Backup.Replace(beside, $"\"zzzzzzzzzz\": 1, {beside}")));
        Assert.Equal(
            Properties(definition).EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal),
            Regex.Match(error.Message, "known here are (.*)\\.").Groups[1].Value.Split(", ")
        );
    }

    [Theory]
    [InlineData("\"into\": \"Old mail\"", "$.folders.into")]
    [InlineData("\"emptyFolders\": false", "$.folders.emptyFolders")]
    [InlineData("\"acls\": true", "$.folders.acls")]
    [InlineData("\"renamePatterns\": { \"A*\": \"B\" }", "$.folders.renamePatterns")]
    public void What_is_for_folders_of_a_target_is_refused_of_a_backup(string rule, string path)
    {
        var error = Assert.Single(
            JobText.Errors(Backup.Replace("\"kind\": \"backup\",", $"\"kind\": \"backup\", \"folders\": {{ {rule} }},"))
        );

        Assert.Equal((path, "is for migrations: a backup keeps folders as they are at the source."), (error.Path, error.Message));
    }

    [Fact]
    public void Two_times_to_start_are_refused_by_both()
    {
        var text = Backup.Replace("\"deleteAtSourceAfterDays\": 3", "\"schedule\": { \"cron\": \"0 2 * * *\", \"every\": \"6h\" }");
        Assert.NotEmpty(s_schema.Validate(text));
        Assert.Equal("$.schedule", Assert.Single(JobText.Errors(text)).Path);
    }

    [Theory]
    [InlineData("overdueAftr", "is not known; did you mean \"overdueAfter\"?")]
    public void A_misspelt_name_beside_a_list_of_mailboxes_is_known_again(string name, string message) =>
        Assert.Equal(
            message,
            Assert
                .Single(
                    JobText.Errors(
                        Backup
                            .Replace("\"deleteAtSourceAfterDays\"", $"\"mailboxes\": [\"ann\", \"bob\"], \"{name}\"")
                            .Replace("\"u\"", "\"{name}\"")
                    )
                )
                .Message
        );

    [Fact]
    public void Nothing_is_deleted_at_an_IMAP_server() =>
        Assert.Equal(
            ["$.deleteAtSourceAfterDays", "$.markAs"],
            JobText.Errors(Backup.Replace("\"protocol\": \"pop3\",", "")).Select(error => error.Path)
        );

    [Theory]
    [InlineData("\"markAs\": \"read\"", true)]
    [InlineData("\"markAs\": \"unread\"", false)]
    [InlineData("\"connections\": 3", false)]
    public void New_POP3_messages_are_unread_unless_the_job_says_otherwise(string line, bool read) =>
        Assert.Equal(
            read,
            ((MailboxJob)JobFile.Parse(Backup.Replace("\"markAs\": \"read\"", line), "/jobs/nightly.json").Mailboxes.Single().Job)
                .Source
                .MarkAsRead
        );

    private static JsonElement Properties(string definition)
    {
        var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(JobText.Samples(), "job.schema.json"))).RootElement;
        foreach (var (index, name) in definition.Split('/', StringSplitOptions.RemoveEmptyEntries).Index())
            schema = schema.GetProperty(index == 0 ? "definitions" : "properties").GetProperty(name);
        return schema.GetProperty("properties");
    }
}
