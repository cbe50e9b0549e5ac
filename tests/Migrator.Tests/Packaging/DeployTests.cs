using System.Xml.Linq;
using Migrator.Tests.Telemetry;
using Xunit;
using YamlDotNet.Serialization;

namespace Migrator.Tests.Packaging;

/// <summary>What an installation is bounded by.</summary>
public sealed class DeployTests
{
    private static readonly string[] s_services = ["database", "state", "worker"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("MemoryMax", "2G")]
    [InlineData("TasksMax", "1024")]
    [InlineData("LimitCORE", "0")]
    [InlineData("NoNewPrivileges", "yes")]
    [InlineData("PrivateUsers", "yes")]
    [InlineData("ProcSubset", "pid")]
    [InlineData("ProtectProc", "invisible")]
    [InlineData("ProtectSystem", "strict")]
    [InlineData("CapabilityBoundingSet", "")]
    [InlineData("AmbientCapabilities", "")]
    [InlineData("KeyringMode", "private")]
    [InlineData("DevicePolicy", "closed")]
    [InlineData("UMask", "0077")]
    public void The_unit_bounds_what_the_service_may_do(string key, string value)
    {
        var lines = File.ReadAllLines(Deploy("migrator.service"));

        Assert.Contains($"{key}={value}", lines);
        Assert.Single(lines, line => line.StartsWith($"{key}=", StringComparison.Ordinal));
    }

    [Fact]
    public void The_unit_lets_no_privileged_system_call_through() =>
        Assert.Contains("SystemCallFilter=~@privileged", File.ReadAllLines(Deploy("migrator.service")));

    [Fact]
    public async Task The_unit_is_well_rated_by_systemd()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd is not installed.");
        // It looks at absolute paths only.
        var start = new System.Diagnostics.ProcessStartInfo(
            "systemd-analyze",
            ["security", "--offline=true", "--threshold=20", Deploy("migrator.service")]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Stop);
        var said = await process.StandardOutput.ReadToEndAsync(Stop) + await errors;
        await process.WaitForExitAsync(Stop);

        // The threshold is ten times the level; older versions of systemd have no --offline.
        Assert.SkipWhen(said.Contains("nrecognized option", StringComparison.Ordinal), "systemd is too old.");
        Assert.True(process.ExitCode == 0, said);
        Assert.Contains("Overall exposure level", said);
    }

    [Fact]
    public void Every_container_is_bounded_and_reads_its_root_only()
    {
        var services = Compose("services");
        Assert.Equal(s_services, services.Keys.Cast<string>().Order(StringComparer.Ordinal));
        foreach (var (name, service) in services.Select(entry => ((string)entry.Key, (Dictionary<object, object>)entry.Value)))
        {
            Assert.Equal(["ALL"], Words(service, "cap_drop"));
            Assert.Equal(["no-new-privileges:true"], Words(service, "security_opt"));
            Assert.True(service.ContainsKey("mem_limit") && service.ContainsKey("pids_limit"), $"{name} has no limits");
            Assert.Equal("true", service["read_only"]);
            Assert.False(service.ContainsKey("privileged") || service.ContainsKey("ports"), name);
        }
        Assert.False(((Dictionary<object, object>)services["worker"]).ContainsKey("cap_add"));
    }

    [Fact]
    public void A_worker_keeps_mail_on_its_way_on_a_volume_and_not_in_memory()
    {
        var worker = (Dictionary<object, object>)Compose("services")["worker"];
        var state = (string)((Dictionary<object, object>)worker["environment"])["MIGRATOR_StateDirectory"];

        Assert.Contains($"state:{state}", Words(worker, "volumes"));
        Assert.DoesNotContain(state, Words(worker, "tmpfs"));
        Assert.Contains("state", Compose("volumes").Keys);
        Assert.Equal(
            ["1654"],
            Words((Dictionary<object, object>)Compose("services")["state"], "entrypoint")
                .Where(word => word.All(char.IsAsciiDigit) && word.Length == 4)
                .Distinct()
        );
    }

    [Fact]
    public async Task The_connection_string_of_the_sample_believes_only_the_certificate_of_its_database()
    {
        var text = File.ReadAllText(Deploy("compose.yaml"));
        var connection = System.Text.RegularExpressions.Regex.Match(text, "(Host=database;[^\n]*)").Value;

        Assert.DoesNotContain("SSL Mode", connection, StringComparison.OrdinalIgnoreCase);
        var certificate = System.Text.RegularExpressions.Regex.Match(connection, "Root Certificate=/run/secrets/(.+)").Groups[1].Value;
        Assert.Contains(certificate, Compose("secrets").Keys);
        Assert.Contains(certificate, Words((Dictionary<object, object>)Compose("services")["worker"], "secrets"));
        await using var database = new Migrator.Storage.Postgres.PostgresDatabase(connection);
        Assert.Null(database.InClear);
        Assert.Contains("ssl=on", Words((Dictionary<object, object>)Compose("services")["database"], "command"));
    }

    [Fact]
    public void Every_package_comes_from_the_one_source_that_is_named()
    {
        var configuration = XDocument.Load(Docs.Path("../nuget.config")).Root!;

        var source = Assert.Single(configuration.Element("packageSourceMapping")!.Elements("packageSource"));
        Assert.Equal("nuget.org", source.Attribute("key")!.Value);
        Assert.Equal("*", Assert.Single(source.Elements("package")).Attribute("pattern")!.Value);
        Assert.DoesNotContain("://", configuration.ToString());
    }

    private static string Deploy(string file) => Docs.Path($"../deploy/{file}");

    private static Dictionary<object, object> Compose(string section) =>
        (Dictionary<object, object>)
            new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(File.ReadAllText(Deploy("compose.yaml")))[section];

    private static IEnumerable<string> Words(Dictionary<object, object> service, string key) => ((List<object>)service[key]).Cast<string>();
}
