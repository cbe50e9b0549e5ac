using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>Archives at Azure Blob Storage as a user meets them: signatures that do not reach everything, containers that are missing,
/// packs that a lifecycle rule has moved to the archive tier.</summary>
public sealed class AzureArchiveTests(DovecotFixture servers, AzuriteFixture azurite) : IAsyncLifetime
{
    private const BlobContainerSasPermissions Enough =
        BlobContainerSasPermissions.Read
        | BlobContainerSasPermissions.Write
        | BlobContainerSasPermissions.List
        | BlobContainerSasPermissions.Delete;

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("azure-archive");
    private readonly string _name = AzuriteServer.NewContainer();
    private AzuriteServer _server = null!;
    private readonly Dictionary<string, string> _environment = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private BlobContainerClient Store => Container(_name);

    private string Url => $"{_server.Endpoint}/{_name}";

    public async ValueTask InitializeAsync()
    {
        _server = await azurite.StartedAsync();
        foreach (var (folder, number) in new[] { ("INBOX", 1), ("INBOX", 2), ("Sent", 3) })
        {
            Directory.CreateDirectory(Path.Combine(_state.FullName, "mail", folder));
            await File.WriteAllBytesAsync(Path.Combine(_state.FullName, "mail", folder, $"{number}.eml"), Letters.Letter(number), Stop);
        }
    }

    public ValueTask DisposeAsync()
    {
        _state.Delete(recursive: true);
        return default;
    }

    [Fact]
    public async Task A_signature_for_one_container_is_all_that_it_takes()
    {
        await Store.CreateAsync(cancellationToken: Stop);
        Sign("SAS", Store, Enough);
        string[] sas = ["--sas", "env:SAS"];

        await RunAsync(ExitCode.Success, "", ["archive", "init", Url, .. sas]);
        await ImportAsync(
            Job(
                """"
                "sas": "env:SAS"
                """"
            )
        );
        await RunAsync(ExitCode.Success, "Nothing is missing", ["archive", "check", Url, .. sas, "--read-data"]);
        await RunAsync(ExitCode.Success, "1 snapshot kept", ["archive", "prune", Url, .. sas, "--keep-last", "1"]);
        await RunAsync(ExitCode.Success, "", ["export", Url, .. sas, "--format", "eml", "--to", Path.Combine(_state.FullName, "out")]);

        var names = await NamesAsync(Store);
        Assert.Single(names, name => name.StartsWith(".side/side/", StringComparison.Ordinal));
        // What was tried and leased is gone again.
        Assert.DoesNotContain(
            names,
            name => name.StartsWith(".side/probe/", StringComparison.Ordinal) || name.StartsWith(".side/leases/", StringComparison.Ordinal)
        );
        Assert.False(await Container($"{_name}-side").ExistsAsync(Stop));

        // Whoever has the keys of the account finds it as well, although its own place would be another.
        _environment["CONNECTION"] = _server.ConnectionString;
        await Container($"{_name}-side").CreateAsync(cancellationToken: Stop);
        await RunAsync(
            ExitCode.Success,
            "1 snapshot kept",
            ["archive", "prune", _name, "--connection-string", "env:CONNECTION", "--keep-last", "1"]
        );
        Assert.Empty(await NamesAsync(Container($"{_name}-side")));
    }

    [Theory]
    [InlineData(BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List, "lacks the permission write (w)")]
    [InlineData(
        BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List | BlobContainerSasPermissions.Write,
        "(the archive's control store, for leases and notes) is not sufficient: it lacks the permission delete (d)"
    )]
    public async Task What_a_signature_lacks_is_said_before_anything_is_written(BlobContainerSasPermissions allowed, string words)
    {
        await Store.CreateAsync(cancellationToken: Stop);
        Sign("SAS", Store, allowed);

        var errors = await RunAsync(ExitCode.Connection, words, "archive", "init", Url, "--sas", "env:SAS");

        Assert.Contains("[access-denied]", errors);
        Assert.DoesNotContain("sig=", errors);
        Assert.Empty(await NamesAsync(Store));
    }

    [Fact]
    public async Task A_signature_for_reading_reads_and_is_told_what_the_rest_takes()
    {
        await MadeAsync();
        Sign("SAS", Store, BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List);
        Sign("SIDE", Container($"{_name}-side"), BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List);
        string[] access = ["--sas", "env:SAS", "--control-store-sas", "env:SIDE"];

        await RunAsync(ExitCode.Success, "complete", ["archive", "snapshots", Url, .. access]);
        await RunAsync(ExitCode.Success, "Nothing is missing", ["archive", "check", Url, .. access, "--read-data"]);
        await RunAsync(
            ExitCode.Connection,
            "lacks the permissions write (w), delete (d)",
            ["archive", "prune", Url, .. access, "--keep-last", "1"]
        );
    }

    [Fact]
    public async Task A_side_in_another_container_wants_a_signature_of_its_own()
    {
        await Store.CreateAsync(cancellationToken: Stop);
        var controlStore = Container($"{_name}-notes");
        await controlStore.CreateAsync(cancellationToken: Stop);
        Sign("SAS", Store, Enough);
        Sign("SIDE", controlStore, Enough);
        string[] access = ["--sas", "env:SAS", "--control-store", $"{Url}-notes"];

        await RunAsync(
            ExitCode.Connection,
            "with archive.controlStoreSas in the job file, or --control-store-sas",
            ["archive", "init", Url, .. access]
        );
        Assert.Empty(await NamesAsync(Store));
        await RunAsync(ExitCode.Success, "", ["archive", "init", Url, .. access, "--control-store-sas", "env:SIDE"]);

        Assert.StartsWith("side/", Assert.Single(await NamesAsync(controlStore)));
        Assert.DoesNotContain(await NamesAsync(Store), name => name.StartsWith('.'));
    }

    [Fact]
    public async Task A_side_may_be_a_directory_of_this_machine()
    {
        await Store.CreateAsync(cancellationToken: Stop);
        // What must not change may be under a policy: nothing is removed there.
        Sign("SAS", Store, Enough & ~BlobContainerSasPermissions.Delete);
        var controlStore = Path.Combine(_state.FullName, "side");

        await RunAsync(ExitCode.Success, "", "archive", "init", Url, "--sas", "env:SAS", "--control-store", controlStore);
        await ImportAsync(
            Job(
                $""""
                "sas": "env:SAS", "controlStore": "{controlStore}"
                """"
            )
        );

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(controlStore, "side")));
        // Elsewhere nobody writes past its leases.
        await RunAsync(
            ExitCode.Connection,
            "lacks the permission delete (d)",
            "archive",
            "prune",
            Url,
            "--sas",
            "env:SAS",
            "--keep-last",
            "1"
        );
        Sign("SAS", Store, Enough);
        await RunAsync(ExitCode.Incomplete, "[archive-control-store]", "archive", "prune", Url, "--sas", "env:SAS", "--keep-last", "1");
    }

    [Fact]
    public async Task A_side_that_is_gone_is_named_with_what_to_do()
    {
        await MadeAsync();
        await Container($"{_name}-side").DeleteAsync(cancellationToken: Stop);
        var words = $"the container \"{_name}-side\" (the archive's control store, for leases and notes) does not exist";

        await RunAsync(ExitCode.Connection, words, "archive", "snapshots", _name, "--connection-string", "env:CONNECTION");
        await RunAsync(ExitCode.Connection, words, "archive", "prune", _name, "--connection-string", "env:CONNECTION", "--keep-last", "1");
        var errors = await RunAsync(
            ExitCode.Connection,
            words,
            "import",
            Path.Combine(_state.FullName, "mail"),
            "--format",
            "eml",
            "--to",
            Job(ByConnection, _name),
            "--mailbox",
            "bob"
        );
        Assert.Contains("[container-missing]", errors);
        Assert.Contains("\"migrator archive control-store\" recreates it", errors);

        await RunAsync(
            ExitCode.Success,
            "leases and notes are in",
            "archive",
            "control-store",
            _name,
            "--connection-string",
            "env:CONNECTION"
        );
        await RunAsync(
            ExitCode.Success,
            "1 snapshot kept",
            "archive",
            "prune",
            _name,
            "--connection-string",
            "env:CONNECTION",
            "--keep-last",
            "1"
        );
    }

    [Fact]
    public async Task Mail_in_the_archive_tier_is_counted_priced_and_brought_back()
    {
        await MadeAsync();
        string[] access = ["--connection-string", "env:CONNECTION"];
        await ArchiveAsync("packs/");
        var files = Path.Combine(_state.FullName, "out");

        var export = await RunAsync(
            ExitCode.Incomplete,
            "1 of 1 pack that this needs, with ",
            ["export", _name, .. access, "--format", "eml", "--to", files]
        );
        Assert.Contains("is in the archive tier and cannot be read now. Rehydrating them takes up to 15 hours", export);
        Assert.Contains("[blob-offline]", export);
        Assert.Contains("\"migrator archive rehydrate\"", export);
        Assert.False(Directory.Exists(files));
        await RunAsync(ExitCode.Incomplete, "1 of 1 pack that this needs", ["archive", "cat", _name, .. access, "--uid", "1"]);
        await RunAsync(
            ExitCode.Success,
            "not readable before \"migrator archive rehydrate\"",
            ["archive", "check", _name, .. access, "--read-data"]
        );
        await RunAsync(ExitCode.Incomplete, "repair reads every pack", ["archive", "repair", _name, .. access]);
        var restored = await RunAsync(
            ExitCode.Incomplete,
            "Messages in them are not restored now",
            ["restore", _name, .. access, "--to", $"imap://{DovecotServer.NewUser("offline")}@127.0.0.1:{servers.New.ImapPort}?tls=none"]
        );
        Assert.Contains("blob-offline", restored);

        // Prices are those of the settings.
        string[] prices =
        [
            "--set",
            "AzurePrices:Currency=EUR",
            "--set",
            "AzurePrices:Archive:ReadPer10000=30000",
            "--set",
            "AzurePrices:Rehydrate:StandardHours=11",
        ];
        var dry = await RunAsync(ExitCode.Incomplete, "1 pack needed", ["archive", "rehydrate", _name, .. access, "--dry-run", .. prices]);
        Assert.Contains("up to 11 hours, and about EUR 3.00 once", dry);
        await RunAsync(ExitCode.Incomplete, "1 in the archive tier", ["archive", "rehydrate", _name, .. access, "--dry-run"]);
        await RunAsync(
            ExitCode.Incomplete,
            "Requested 1 pack, high priority, into the hot tier: up to 1 hour",
            ["archive", "rehydrate", _name, .. access, "--priority", "high", "--tier", "hot"]
        );
        await RunAsync(ExitCode.Success, "Everything that is needed can be read", ["archive", "rehydrate", _name, .. access]);
        await RunAsync(ExitCode.Success, "", ["export", _name, .. access, "--format", "eml", "--to", files]);
    }

    [Fact]
    public async Task An_archive_whose_own_records_were_moved_comes_back_too()
    {
        await MadeAsync();
        await ArchiveAsync("");
        string[] access = ["--connection-string", "env:CONNECTION"];

        await RunAsync(ExitCode.Incomplete, "[blob-offline]", ["archive", "snapshots", _name, .. access]);
        var first = await RunAsync(ExitCode.Incomplete, "Run this again when they are back", ["archive", "rehydrate", _name, .. access]);
        Assert.Contains("limit it to packs/", first);
        await RunAsync(ExitCode.Incomplete, "Requested 1 pack", ["archive", "rehydrate", _name, .. access]);
        await RunAsync(ExitCode.Success, "Everything that is needed can be read", ["archive", "rehydrate", _name, .. access]);
    }

    [Fact]
    public async Task A_night_without_news_takes_few_requests_and_each_is_counted_and_priced()
    {
        _environment["CONNECTION"] = _server.ConnectionString;
        var user = DovecotServer.NewUser("quiet");
        await using (var imap = await servers.Old.LogInAsync(user))
            await Letters.FillAsync(imap, "INBOX", 0, 30);
        var job = Path.Combine(_state.FullName, "nightly.json");
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "kind": "backup",
              "source": { "host": "localhost", "port": {{servers.Old.ImapsPort}},
                  "user": "{{user}}", "password": "env:MIGRATOR_SOURCE_PASSWORD",
                  "certificate": { "fingerprint": "{{servers.Old.Fingerprint}}" } },
              "archive": { "location": "{{_name}}", {{ByConnection}}, "passphrase": "env:PASSPHRASE", "tiers": { "packs/": "cool" } }
            }
            """,
            Stop
        );
        _environment["PASSPHRASE"] = "correct horse";
        await RunAsync(ExitCode.Success, "", "archive", "init", job);
        var unknown = await StatsAsync(job);
        Assert.Equal(JsonValueKind.Null, unknown.GetProperty("report").GetProperty("requests").ValueKind);
        await RunAsync(ExitCode.Success, "30 stored", "run", job);

        var before = Logged().Count;
        await RunAsync(ExitCode.Success, "No changes since snapshot", "run", job);
        var logged = Logged()[before..];
        var stats = await StatsAsync(job);

        var requests = stats.GetProperty("report").GetProperty("requests");
        int Of(string kind) => requests.GetProperty(kind).GetInt32();
        // The last one gives the lease back, after the note was written.
        Assert.Matches($"^DELETE /.*/{_name}-side/leases/", logged[^1]);
        Assert.Equal(
            (
                logged.Count(request => request.StartsWith("PUT", StringComparison.Ordinal)),
                logged.Count(request => request.Contains("comp=list", StringComparison.Ordinal)),
                logged.Count(request => request.StartsWith("DELETE", StringComparison.Ordinal)) - 1,
                logged.Count - 1
            ),
            (Of("writes"), Of("lists"), Of("deletes"), Of("reads") + Of("writes") + Of("lists") + Of("deletes"))
        );
        Assert.InRange(logged.Count, 5, 20);

        var said = await RunAsync(
            ExitCode.Success,
            "1 mailbox, 1 snapshot",
            "archive",
            "stats",
            job,
            "--set",
            "AzurePrices:Currency=EUR",
            "--set",
            "AzurePrices:Hot:ReadPer10000=1000000"
        );
        Assert.Contains("Newest snapshots: 30 messages", said);
        Assert.Contains("in the cool tier", said);
        Assert.Contains($"EUR {Of("reads") * 30 * 100:N2} for requests", said.Replace("EUR\n", "EUR ", StringComparison.Ordinal));
    }

    /// <returns>What a program gets.</returns>
    private async Task<JsonElement> StatsAsync(string job) =>
        JsonDocument
            .Parse(
                (await RunAsync(ExitCode.Success, "archiveStats", "archive", "stats", job, "--json"))
                    .Split('\n')
                    .Single(line => line.Contains("archiveStats", StringComparison.Ordinal))
            )
            .RootElement;

    private List<string> Logged() => [.. _server.Requests(_name, $"{_name}-side")];

    [Fact]
    public async Task A_wrong_price_is_refused()
    {
        await MadeAsync();
        await ArchiveAsync("packs/");

        var errors = await RunAsync(
            ExitCode.Configuration,
            "AzurePrices:Cool:StorePerGB",
            "archive",
            "rehydrate",
            _name,
            "--connection-string",
            "env:CONNECTION",
            "--set",
            "AzurePrices:Cool:StorePerGB=cheap",
            "--set",
            "AzurePrices:Coool:StorePerGB=1"
        );

        Assert.Contains("AzurePrices:Coool", errors);
    }

    private const string ByConnection = """"
        "connectionString": "env:CONNECTION"
        """";

    private BlobContainerClient Container(string name) =>
        new(_server.ConnectionString, name, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_11_04));

    private void Sign(string variable, BlobContainerClient container, BlobContainerSasPermissions allowed) =>
        _environment[variable] = container.GenerateSasUri(allowed, DateTimeOffset.UtcNow.AddHours(1)).Query;

    /// <summary>An archive by the account's keys, with mail in it.</summary>
    private async Task MadeAsync()
    {
        _environment["CONNECTION"] = _server.ConnectionString;
        await RunAsync(ExitCode.Success, "", "archive", "init", _name, "--connection-string", "env:CONNECTION");
        await ImportAsync(Job(ByConnection, _name));
    }

    private string Job(string access, string? location = null)
    {
        var path = Path.Combine(_state.FullName, "job.json");
        File.WriteAllText(
            path,
            $$"""
            { "kind": "backup", "source": { "host": "127.0.0.1", "user": "ann", "password": "env:MIGRATOR_SOURCE_PASSWORD" },
              "archive": { "location": {{JsonSerializer.Serialize(
                location ?? Url
            )}}, {{access}} } }
            """
        );
        return path;
    }

    private Task ImportAsync(string job) =>
        RunAsync(ExitCode.Success, "", "import", Path.Combine(_state.FullName, "mail"), "--format", "eml", "--to", job, "--mailbox", "ann");

    /// <summary>What a lifecycle rule does.</summary>
    private async Task ArchiveAsync(string prefix)
    {
        foreach (var name in (await NamesAsync(Store)).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
            await Store.GetBlobClient(name).SetAccessTierAsync(AccessTier.Archive, cancellationToken: Stop);
    }

    private static async Task<List<string>> NamesAsync(BlobContainerClient container) =>
        await container.GetBlobsAsync(cancellationToken: Stop).Select(blob => blob.Name).ToListAsync(Stop);

    /// <returns>All that was said.</returns>
    private async Task<string> RunAsync(int expected, string words, params string[] arguments)
    {
        var (code, output, errors) = await MigratorProcess.RunWithAsync(_environment, _state.FullName, arguments);
        Assert.True(
            code == expected && (output + errors).Contains(words, StringComparison.Ordinal),
            $"{string.Join(' ', arguments)}: {code}\n{output}{errors}"
        );
        Assert.DoesNotContain("   at ", output + errors);
        return output + errors;
    }
}
