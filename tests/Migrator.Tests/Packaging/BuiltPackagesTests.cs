using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using Migrator.Tests.Execution;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Packaging;

/// <summary>All that <c>./build.sh</c> makes: publishing for each kind of machine takes minutes, so that <c>TESTED_PACKAGES</c> names where
/// it lies.</summary>
public sealed class BuiltPackagesTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("packages");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_file_has_a_checksum_that_holds()
    {
        var packages = Packages();

        var (code, output) = await Shell.RunAsync("bash", "-c", $"cd '{packages}' && sha256sum --check SHA256SUMS");
        Assert.True(code == 0, output);
        var listed = File.ReadAllLines(Path.Combine(packages, "SHA256SUMS")).Select(line => line.Split("  ")[1]).Append("SHA256SUMS");
        Assert.Equal(
            Directory.GetFiles(packages).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            listed.Order(StringComparer.Ordinal)
        );
        Assert.Contains("sbom.cdx.json", listed);
        Assert.Contains("THIRD-PARTY-NOTICES.txt", listed);
    }

    [Theory]
    [InlineData("linux-x64", "7F454C46", 0x3e)]
    [InlineData("linux-arm64", "7F454C46", 0xb7)]
    [InlineData("osx-arm64", "CFFAEDFE", 0x0c)]
    [InlineData("win-x64", "4D5A", null)]
    public async Task An_archive_has_both_programs_for_its_kind_of_machine_and_what_they_need(string rid, string magic, int? machine)
    {
        var (directory, single) = await UnpackAsync(rid);
        var extension = rid == "win-x64" ? ".exe" : "";

        foreach (
            var program in new[]
            {
                Path.Combine(directory, $"migrator{extension}"),
                Path.Combine(directory, $"migrator-service{extension}"),
                single,
            }
        )
        {
            var head = new byte[20];
            await using (var file = File.OpenRead(program))
                await file.ReadExactlyAsync(head, Stop);
            Assert.StartsWith(magic, Convert.ToHexString(head));
            // ELF has it at 18, Mach-O at 4.
            Assert.True(machine is null || head[magic == "7F454C46" ? 18 : 4] == machine, program);
            Assert.True(extension.Length > 0 || File.GetUnixFileMode(program).HasFlag(UnixFileMode.OtherExecute), program);
        }
        Assert.Empty(Directory.GetFiles(directory, "migrator*.dll"));
        Assert.All(
            ["LICENSE", "THIRD-PARTY-NOTICES.txt", "sbom.cdx.json", "appsettings/appsettings.json", "jobs/job.schema.json", "wwwroot"],
            name => Assert.True(Path.Exists(Path.Combine(directory, name)), name)
        );
        Assert.Equal(rid.StartsWith("linux", StringComparison.Ordinal), File.Exists(Path.Combine(directory, "deploy", "migrator.service")));
    }

    [Fact]
    public async Task The_service_of_an_archive_starts_and_shows_its_page_without_an_installed_NET()
    {
        var (directory, _) = await UnpackAsync("linux-x64");
        var url = $"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}";
        using var client = new HttpClient();
        async Task<HttpStatusCode?> GetAsync(string path)
        {
            try
            {
                using var response = await client.GetAsync(url + path, Stop);
                return response.StatusCode;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }

        var jobs = _place.CreateSubdirectory("jobs").FullName;
        string[] settings = ["--set", $"JobsDirectory={jobs}", "--set", $"Dashboard:Urls={url}"];
        using var service = MigratorProcess.StartProgram(
            Path.Combine(directory, "migrator"),
            Path.Combine(_place.FullName, "state"),
            ["serve", .. settings]
        );
        await ServeTests.UntilAsync(service, async () => await GetAsync("/health/ready") == HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, await GetAsync("/"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync("/_content/MudBlazor/MudBlazor.min.css"));
        Assert.DoesNotContain("/dotnet/", await File.ReadAllTextAsync($"/proc/{service.Id}/maps", Stop));
        service.Interrupt();
        var (code, output, errors) = await service.EndAsync();
        Assert.True(code == 0, output + errors);
    }

    [Fact]
    public async Task The_single_file_works_alone()
    {
        var (_, single) = await UnpackAsync("linux-x64");
        var alone = Path.Combine(_place.CreateSubdirectory("alone").FullName, "migrator");
        File.Copy(single, alone);
        var state = Path.Combine(_place.FullName, "alone-state");
        var environment = new Dictionary<string, string> { ["HOME"] = _place.FullName, ["DOTNET_ROOT"] = "/nonexistent" };

        var (code, output) = await Shell.RunAsync(environment, alone, "status", "--state", state);

        Assert.True(code == 0, output);
        Assert.NotEmpty(Directory.GetFiles(state, "*.db"));
    }

    public void Dispose() => _place.Delete(recursive: true);

    private static string Packages()
    {
        var named = Environment.GetEnvironmentVariable("TESTED_PACKAGES");
        Assert.SkipWhen(string.IsNullOrEmpty(named), "TESTED_PACKAGES names no directory that ./build.sh made.");
        return Path.GetFullPath(named!, Shell.Repository);
    }

    private async Task<(string Directory, string Single)> UnpackAsync(string rid)
    {
        var files = new DirectoryInfo(Packages())
            .GetFiles($"migrator-*-{rid}*")
            .Where(file => !file.Name.Contains("-image-", StringComparison.Ordinal))
            .ToList();
        var archive = Assert.Single(files, file => file.Extension is ".gz" or ".zip").FullName;
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            await ZipFile.ExtractToDirectoryAsync(archive, _place.FullName, Stop);
        }
        else
        {
            await using var plain = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
            await TarFile.ExtractToDirectoryAsync(plain, _place.FullName, overwriteFiles: false, Stop);
        }
        return (
            Assert.Single(_place.GetDirectories($"migrator-*-{rid}")).FullName,
            Assert.Single(files, file => file.FullName != archive).FullName
        );
    }
}
